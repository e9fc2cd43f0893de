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
   * Services wait for all members, or the first phone would run them all. In a swarm that is there already, a phone that does not
   * join holds nothing up.
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
    const objects: StackObjects = {
      ids: { networks: idsOf(networks), secrets: idsOf(secrets), configs: idsOf(configs) },
      networks: resourcesOf(networks),
      files: resourcesOf([...secrets, ...configs]),
    };
    // What others need says so with a health check, and takes longest until it counts as running: it has a head start.
    const [checked, others] = partition(stack.services, hasHealthCheck);
    const first = checked.map((service) => this.#service(service, objects, []));
    const services = [...first, ...others.map((service) => this.#service(service, objects, first))];
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
    objects: StackObjects,
    first: readonly pulumi.Resource[],
  ): pulumi.Resource {
    const { logicalName, spec, engineReasons } = service;
    const removal = this.#removal(service, objects);
    const after = [...this.#beforeServices, ...first];
    if (engineReasons.length > 0) {
      // Its tool waits for the networks itself: the provider says only after two seconds that one is there.
      const dependsOn = [...objects.files, ...after];
      return engineService(service, this.#stack.sensitive, { ...this.#inSwarm, dependsOn });
    }
    return new docker.Service(logicalName, this.#kept(serviceArgs(spec, objects.ids)), {
      ...this.#inSwarm,
      dependsOn: [removal, ...after],
      retainOnDelete: true,
      deleteBeforeReplace: true,
      // Filled in by the engine's client from the registry, and never by us.
      ignoreChanges: ["taskSpec.placement.platforms"],
    });
  }

  /**
   * Removes the service before what it uses goes, as the provider's own delete stays broken on containers that stop late and on
   * services that are gone.
   */
  #removal(
    { logicalName, spec, engineReasons }: PlannedService,
    { networks, files }: StackObjects,
  ): pulumi.Resource {
    const throughEngine = engineReasons.length > 0;
    const remove = removeServiceScript(spec);
    return new local.Command(
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
        dependsOn: [...networks, ...files],
        deleteBeforeReplace: true,
        ignoreChanges: throughEngine ? ["triggers"] : [],
      },
    );
  }
}

/** What a stack's services use. */
interface StackObjects {
  readonly ids: ObjectIds;
  readonly networks: readonly pulumi.Resource[];
  readonly files: readonly pulumi.Resource[];
}

function hasHealthCheck({ spec }: PlannedService): boolean {
  return spec.TaskTemplate.ContainerSpec.Healthcheck !== undefined;
}

function partition<Item>(
  items: readonly Item[],
  isFirst: (item: Item) => boolean,
): [first: Item[], rest: Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

type Named<Kind extends pulumi.CustomResource> = [name: string, resource: Kind];

function resourcesOf(named: readonly Named<pulumi.CustomResource>[]): pulumi.Resource[] {
  return named.map(([, resource]) => resource);
}

function idsOf(
  named: readonly Named<pulumi.CustomResource>[],
): Record<string, pulumi.Input<string>> {
  return Object.fromEntries(named.map(([name, { id }]) => [name, id]));
}
