import js from "@eslint/js";
import tseslint from "typescript-eslint";

// Pure folders work on plain data: they may name Pulumi's types, never its values, and do no I/O.
const pureFolders = [
  "config/**/*.ts",
  "plan/**/*.ts",
  "compose/**/*.ts",
  "images/lock-file.ts",
  "**/*-scripts.ts",
];
const noIo = ["fs", "fs/promises", "child_process", "net", "http", "https", "os", "execa"].flatMap(
  (name) => [
    { name, message: "pure folders do no I/O: take the data as an argument" },
    { name: `node:${name}`, message: "pure folders do no I/O: take the data as an argument" },
  ],
);

export default tseslint.config(
  { ignores: ["node_modules/", ".cloudlet/", "**/*.js", "**/*.mjs", "**/*.cjs"] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      "@typescript-eslint/no-explicit-any": "error",
      "@typescript-eslint/no-non-null-assertion": "error",
      "@typescript-eslint/consistent-type-imports": "error",
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
      "@typescript-eslint/no-base-to-string": "error",
      "max-lines": ["error", { max: 400, skipBlankLines: true }],
      "max-params": ["error", 4],
      eqeqeq: "error",
    },
  },
  {
    files: pureFolders,
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        {
          paths: noIo,
          patterns: [
            {
              group: ["@pulumi/*"],
              allowTypeImports: true,
              message: "pure folders may import Pulumi's types only",
            },
          ],
        },
      ],
    },
  },
  {
    files: ["tests/**/*.ts"],
    rules: {
      "max-lines": ["error", { max: 800, skipBlankLines: true }],
      "@typescript-eslint/no-non-null-assertion": "off",
      "@typescript-eslint/no-unsafe-assignment": "off",
      "@typescript-eslint/no-unsafe-member-access": "off",
      "@typescript-eslint/no-unsafe-return": "off",
    },
  },
);
