/** The versions that the engine asks for by equality: those of the npm packages in package.json. */
export const versions = { cli: "3.259.0", command: "1.2.1", docker: "5.2.0" } as const;
