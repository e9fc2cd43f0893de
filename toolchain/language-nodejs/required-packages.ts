import { PackageDependency, PackageParameterization } from "@pulumi/pulumi/proto/plugin_pb";
import { installedPackages } from "./installed-packages";
import { jsonField, jsonText } from "./json-field";

/** The providers that the npm packages of a program in the directory need, at their own versions. */
export function requiredPackages(directory: string): PackageDependency[] {
  const found = new Map<string, PackageDependency>();
  for (const text of installedPackages(directory)) {
    const dependency = requiredPackage(text);
    if (dependency) found.set(`${dependency.getName()} ${dependency.getVersion()}`, dependency);
  }
  return [...found.values()];
}

function requiredPackage(text: string): PackageDependency | undefined {
  if (!text.includes('"pulumi"')) return undefined;
  const parsed: unknown = JSON.parse(text);
  const section = jsonField(parsed, "pulumi");
  if (jsonField(section, "resource") !== true) return undefined;
  const dependency = new PackageDependency()
    .setKind("resource")
    .setName(jsonText(section, "name") || providerName(jsonText(parsed, "name")))
    .setVersion(withV(jsonText(section, "version") || jsonText(parsed, "version")))
    .setServer(jsonText(section, "server"));
  const parameterization = jsonField(section, "parameterization");
  if (parameterization) {
    dependency.setParameterization(
      new PackageParameterization()
        .setName(jsonText(parameterization, "name"))
        .setVersion(jsonText(parameterization, "version"))
        .setValue(jsonText(parameterization, "value")),
    );
  }
  return dependency;
}

function providerName(npmName: string): string {
  return npmName.replace(/^@pulumi\//, "").replace(/^@/, "");
}

function withV(version: string): string {
  return version.startsWith("v") ? version : `v${version}`;
}
