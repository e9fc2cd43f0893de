import { PackageDependency, PackageParameterization } from "@pulumi/pulumi/proto/plugin_pb";
import { type InstalledPackage, installedPackages } from "./installed-packages";
import { jsonField, jsonText } from "./json-field";

/** The providers that the npm packages of a program in the directory need, at their own versions. */
export function requiredPackages(directory: string): PackageDependency[] {
  const found = new Map<string, PackageDependency>();
  for (const installed of installedPackages(directory)) {
    const dependency = requiredPackage(installed);
    if (dependency) found.set(`${dependency.getName()} ${dependency.getVersion()}`, dependency);
  }
  return [...found.values()];
}

function requiredPackage({ name, version, text }: InstalledPackage): PackageDependency | undefined {
  if (!text.includes('"pulumi"')) return undefined;
  const section = jsonField(JSON.parse(text), "pulumi");
  if (jsonField(section, "resource") !== true) return undefined;
  const dependency = new PackageDependency()
    .setKind("resource")
    .setName(jsonText(section, "name") || name.replace(/^@pulumi\//, "").replace(/^@/, ""))
    .setVersion(withV(jsonText(section, "version") || version))
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

function withV(version: string): string {
  return version.startsWith("v") ? version : `v${version}`;
}
