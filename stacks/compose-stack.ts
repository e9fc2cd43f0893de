import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedService, PlannedStack } from "../plan/planned-stack";
import { keepSecret } from "./keep-secret";
import { replacementTriggers } from "./replacement-triggers";
import { labels, serviceArgs, type ObjectIds } from "./service-args";
import { readyScript, removeServiceScript } from "./stack-scripts";

/** What a {@link ComposeStack} is made from. */
export interface ComposeStackArgs {
  readonly stack: PlannedStack;
  /** The swarm, from the moment it exists: when it goes, everything here goes with it. */
  readonly begun: pulumi.Resource;
  /** All phones' membership: a task may need a phone that joins while the services are created. */
  readonly members: pulumi.Resource;
}

/** One stack in the swarm: its networks, secrets and configs, its services, and the wait until their tasks run. */
export class ComposeStack extends pulumi.ComponentResource {
  readonly #stack: PlannedStack;
  readonly #inSwarm: pulumi.CustomResourceOptions;

  constructor(
    name: string,
    { stack, begun, members }: ComposeStackArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("cloudlet:stacks:ComposeStack", name, {}, opts);
    this.#stack = stack;
    this.#inSwarm = { parent: this, dependsOn: [begun], deletedWith: begun, replaceWith: [begun] };

    const networks = this.#networks();
    const secrets = this.#secrets();
    const configs = this.#configs();
    const ids = { networks: idsOf(networks), secrets: idsOf(secrets), configs: idsOf(configs) };
    const objects = [...networks, ...secrets, ...configs].map(([, resource]) => resource);
    const services = stack.services.map((service) => this.#service(service, ids, objects));
    new local.Command(
      `${name}-ready`,
      {
        create: 'eval "$WAIT"',
        environment: {
          WAIT: readyScript({
            services: stack.services.map(({ spec }) => spec.Name),
            timeoutSeconds: stack.readyTimeoutSeconds,
          }),
        },
        stdin: stack.revision,
        addPreviousOutputInEnv: false,
      },
      { ...this.#inSwarm, dependsOn: [...services, members] },
    );
    this.registerOutputs({});
  }

  /** A secret may have been filled in anywhere in a stack file. */
  #kept<Args extends object>(args: Args): Args {
    return keepSecret(args, this.#stack.sensitive);
  }

  #networks(): Named<docker.Network>[] {
    return this.#stack.networks.map(({ logicalName, spec }) => [
      spec.Name,
      new docker.Network(
        logicalName,
        this.#kept({
          name: spec.Name,
          driver: spec.Driver,
          attachable: spec.Attachable,
          internal: spec.Internal,
          labels: labels(spec.Labels),
          options: spec.Options,
          ipamDriver: spec.IPAM?.Driver,
          ipamConfigs: spec.IPAM?.Config?.map(({ Subnet }) => ({ subnet: Subnet })),
        }),
        // The engine adds to both, and a change of either would replace the network with all its services.
        { ...this.#inSwarm, ignoreChanges: ["options", "ipamConfigs"] },
      ),
    ]);
  }

  // Secrets and configs: the new object first, then the services' update, and the old object last.
  #secrets(): Named<docker.Secret>[] {
    return this.#stack.secrets.map(({ logicalName, spec }) => {
      const args = {
        name: spec.Name,
        data: pulumi.secret(spec.Data ?? ""),
        labels: this.#kept(labels(spec.Labels)),
      };
      return [
        spec.Name,
        new docker.Secret(logicalName, args, { ...this.#inSwarm, deleteBeforeReplace: false }),
      ];
    });
  }

  #configs(): Named<docker.ServiceConfig>[] {
    return this.#stack.configs.map(({ logicalName, spec }) => {
      const args = {
        name: spec.Name,
        data: spec.Data ?? "",
        labels: this.#kept(labels(spec.Labels)),
      };
      return [
        spec.Name,
        new docker.ServiceConfig(logicalName, args, {
          ...this.#inSwarm,
          deleteBeforeReplace: false,
        }),
      ];
    });
  }

  #service(
    { logicalName, spec }: PlannedService,
    ids: ObjectIds,
    objects: readonly pulumi.Resource[],
  ): pulumi.Resource {
    // Removes the service, as the provider's own delete stays broken on containers that stop late and on services that are gone.
    const removal = new local.Command(
      `${logicalName}-removal`,
      {
        delete: 'eval "$REMOVE"',
        environment: { REMOVE: removeServiceScript(spec) },
        triggers: this.#kept(replacementTriggers(spec)),
        addPreviousOutputInEnv: false,
      },
      { ...this.#inSwarm, dependsOn: [...objects], deleteBeforeReplace: true },
    );
    return new docker.Service(logicalName, this.#kept(serviceArgs(spec, ids)), {
      ...this.#inSwarm,
      dependsOn: [removal],
      retainOnDelete: true,
      deleteBeforeReplace: true,
      // Filled in by the engine's client from the registry, and never by us.
      ignoreChanges: ["taskSpec.placement.platforms"],
    });
  }
}

type Named<Kind extends pulumi.CustomResource> = [name: string, resource: Kind];

function idsOf(
  named: readonly Named<pulumi.CustomResource>[],
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(named.map(([name, { id }]) => [name, id]));
}
