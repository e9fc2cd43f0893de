import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedService, PlannedStack } from "../plan/planned-stack";
import { engineFile, engineService } from "./engine-objects";
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
  /**
   * Services wait for all members. Engine 20.10 may take half a minute for its first container on an overlay network that is
   * made while phones join; in a swarm that is there already, a phone that does not join holds nothing up.
   */
  readonly fresh: boolean;
}

/** One stack in the swarm: its networks, secrets and configs, its services, and the wait until their tasks run. */
export class ComposeStack extends pulumi.ComponentResource {
  readonly #stack: PlannedStack;
  readonly #inSwarm: pulumi.CustomResourceOptions;
  readonly #beforeServices: pulumi.Resource[];

  constructor(
    name: string,
    { stack, begun, members, fresh }: ComposeStackArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("cloudlet:stacks:ComposeStack", name, {}, opts);
    this.#stack = stack;
    this.#beforeServices = fresh ? [members] : [];
    this.#inSwarm = { parent: this, dependsOn: [begun], deletedWith: begun, replaceWith: [begun] };

    const networks = this.#networks();
    const secrets = this.#secrets();
    const configs = this.#configs();
    const ids = { networks: idsOf(networks), secrets: idsOf(secrets), configs: idsOf(configs) };
    const objects = [...networks, ...secrets, ...configs].map(([, resource]) => resource);
    const services = stack.services.map((service) => this.#service(service, ids, objects));
    if (stack.readyTimeoutSeconds > 0) this.#awaitTasks([...services, members]);
    this.registerOutputs({});
  }

  #awaitTasks(dependsOn: pulumi.Resource[]): void {
    const { name, services, readyTimeoutSeconds, revision } = this.#stack;
    new local.Command(
      `${name}-ready`,
      {
        create: readyScript({
          services: services.map(({ spec }) => spec.Name),
          timeoutSeconds: readyTimeoutSeconds,
        }),
        stdin: pulumi.secret(revision),
        addPreviousOutputInEnv: false,
      },
      { ...this.#inSwarm, dependsOn },
    );
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
  #secrets(): Named<pulumi.CustomResource>[] {
    return this.#stack.secrets.map((secret) => {
      const { logicalName, spec } = secret;
      const args = {
        name: spec.Name,
        data: pulumi.secret(spec.Data ?? ""),
        labels: this.#kept(labels(spec.Labels)),
      };
      const opts = { ...this.#inSwarm, deleteBeforeReplace: false };
      return [
        spec.Name,
        secret.engineReasons.length > 0
          ? engineFile("secret", secret, this.#stack.sensitive, opts)
          : new docker.Secret(logicalName, args, opts),
      ];
    });
  }

  #configs(): Named<pulumi.CustomResource>[] {
    return this.#stack.configs.map((config) => {
      const { logicalName, spec } = config;
      const args = {
        name: spec.Name,
        data: spec.Data ?? "",
        labels: this.#kept(labels(spec.Labels)),
      };
      const opts = { ...this.#inSwarm, deleteBeforeReplace: false };
      return [
        spec.Name,
        config.engineReasons.length > 0
          ? engineFile("config", config, this.#stack.sensitive, opts)
          : new docker.ServiceConfig(logicalName, args, opts),
      ];
    });
  }

  #service(
    service: PlannedService,
    ids: ObjectIds,
    objects: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const { logicalName, spec, engineReasons } = service;
    const throughEngine = engineReasons.length > 0;
    const remove = removeServiceScript(spec);
    // Removes the service, as the provider's own delete stays broken on containers that stop late and on services that are gone.
    const removal = new local.Command(
      `${logicalName}-removal`,
      {
        create: `echo ${throughEngine ? "engine" : "provider"}`,
        // What we wrote ourselves is in the provider's way; what the provider wrote, we update in place.
        update: throughEngine
          ? "echo engine"
          : `if [ "$PULUMI_COMMAND_STDOUT" = engine ]; then ${remove}; fi && echo provider`,
        delete: remove,
        triggers: throughEngine ? [] : this.#kept(replacementTriggers(spec)),
      },
      {
        ...this.#inSwarm,
        dependsOn: [...objects],
        deleteBeforeReplace: true,
        ignoreChanges: throughEngine ? ["triggers"] : [],
      },
    );
    const opts = { ...this.#inSwarm, dependsOn: [removal, ...this.#beforeServices] };
    if (throughEngine) return engineService(service, this.#stack.sensitive, opts);
    return new docker.Service(logicalName, this.#kept(serviceArgs(spec, ids)), {
      ...opts,
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
