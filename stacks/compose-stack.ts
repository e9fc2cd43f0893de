import { local } from "@pulumi/command";
import * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { PlannedService, PlannedStack } from "../plan/planned-stack";
import { creationLayers } from "./creation-layers";
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
  /** What everything here waits for: the same, or the last engine that restarts. */
  readonly steady: pulumi.Resource;
  /** All phones' membership: a task may need a phone that joins while the services are created. */
  readonly members: pulumi.Resource;
  /**
   * Set where the swarm is new. Services then wait for all members, or the first phone would run them all, and go one after the
   * other: first containers of a network that start on two phones at once may stall each other for half a minute (engine 20.10, "Bulk
   * sync to node ... timed out"). In a swarm that is there already, a phone that does not join holds nothing up.
   */
  readonly fresh: boolean;
  /** What a new swarm's services wait for besides: those of the stack before. */
  readonly after: readonly pulumi.Resource[];
  /** For what the docker provider creates. */
  readonly hooks: pulumi.ResourceHookBinding;
}

/**
 * Swarm cannot change a network, and to replace it all its services would have to go: as with `docker stack deploy`, one that exists
 * stays as it is. The engine also adds to the first two.
 */
const NETWORK_AS_IT_IS = [
  ...["options", "ipamConfigs"],
  ...["driver", "attachable", "internal", "labels", "ipamDriver"],
];

/** One stack in the swarm: its networks, secrets and configs, its services, and the wait until their tasks run. */
export class ComposeStack extends pulumi.ComponentResource {
  readonly #stack: PlannedStack;
  readonly #hooks: pulumi.ResourceHookBinding;
  readonly #inSwarm: pulumi.CustomResourceOptions;
  /** The services, for whatever must come after them. */
  readonly services: readonly pulumi.CustomResource[];
  /** Known once all that the swarm has of this stack is in the state. */
  readonly created: pulumi.Output<unknown>;

  constructor(
    name: string,
    { stack, begun, steady, members, fresh, after, hooks }: ComposeStackArgs,
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super("cloudlet:stacks:ComposeStack", name, {}, opts);
    this.#stack = stack;
    this.#hooks = hooks;
    this.#inSwarm = { parent: this, dependsOn: [steady], deletedWith: begun, replaceWith: [begun] };

    const networks = this.#networks();
    const secrets = this.#secrets();
    const configs = this.#configs();
    const objects: StackObjects = {
      ids: { networks: idsOf(networks), secrets: idsOf(secrets), configs: idsOf(configs) },
      networks: resourcesOf(networks),
      files: resourcesOf([...secrets, ...configs]),
    };
    const before = fresh ? [members, ...after] : [];
    this.services = this.#inLayers(before, (services, last) =>
      fresh ? this.#oneByOne(services, objects, last) : this.#checkedFirst(services, objects, last),
    );
    const all = [...networks, ...secrets, ...configs].map(([, resource]) => resource);
    this.created = pulumi.all([...all, ...this.services].map(({ id }) => id));
    if (stack.readyTimeoutSeconds > 0) this.#awaitTasks([...this.services, members]);
    this.registerOutputs({});
  }

  /** Services that depend on others come after these, and where there is time to wait, once these run. */
  #inLayers(
    before: readonly pulumi.Resource[],
    create: (
      services: readonly PlannedService[],
      before: readonly pulumi.Resource[],
    ) => pulumi.CustomResource[],
  ): pulumi.CustomResource[] {
    const created: pulumi.CustomResource[] = [];
    let last = before;
    for (const [index, { services, after }] of creationLayers(this.#stack.services).entries()) {
      if (after.length > 0) last = this.#awaitDependencies(index, after, created);
      created.push(...create(services, last));
    }
    return created;
  }

  #awaitDependencies(
    index: number,
    services: readonly string[],
    created: readonly pulumi.Resource[],
  ): pulumi.Resource[] {
    const { name, readyTimeoutSeconds } = this.#stack;
    if (readyTimeoutSeconds === 0) return [...created];
    const wait = new local.Command(
      `${name}-dependencies${index === 1 ? "" : `-${index}`}`,
      {
        create: readyScript({ services, timeoutSeconds: readyTimeoutSeconds }),
        addPreviousOutputInEnv: false,
      },
      { ...this.#inSwarm, dependsOn: [...created] },
    );
    return [wait];
  }

  #awaitTasks(dependsOn: pulumi.Resource[]): void {
    const { name, services, secrets, configs, readyTimeoutSeconds, revision } = this.#stack;
    const drifts = [...services, ...secrets, ...configs].some(({ drift }) => drift.length > 0);
    const repair = Math.max(0, ...services.map(({ nextRepair }) => nextRepair));
    new local.Command(
      `${name}-ready`,
      {
        create: readyScript({
          services: services.map(({ spec }) => spec.Name),
          timeoutSeconds: readyTimeoutSeconds,
        }),
        stdin: pulumi.secret(revision),
        // A repair is waited for too, although nothing else has changed.
        environment: { REPAIR: String(repair) },
        addPreviousOutputInEnv: false,
      },
      { ...this.#inSwarm, dependsOn, ignoreChanges: drifts ? [] : ["environment"] },
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
        { ...this.#inSwarm, hooks: this.#hooks, ignoreChanges: NETWORK_AS_IT_IS },
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
          : new docker.Secret(logicalName, args, { ...opts, hooks: this.#hooks }),
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
          : new docker.ServiceConfig(logicalName, args, { ...opts, hooks: this.#hooks }),
      ];
    });
  }

  // What others need says so with a health check, and takes longest until it counts as running: it has a head start.
  #checkedFirst(
    services: readonly PlannedService[],
    objects: StackObjects,
    before: readonly pulumi.Resource[],
  ): pulumi.CustomResource[] {
    const [checked, others] = partition(services, hasHealthCheck);
    const first = checked.map((service) => this.#service(service, objects, before));
    const last = [...before, ...first];
    return [...first, ...others.map((service) => this.#service(service, objects, last))];
  }

  #oneByOne(
    services: readonly PlannedService[],
    objects: StackObjects,
    before: readonly pulumi.Resource[],
  ): pulumi.CustomResource[] {
    let last = before;
    return partition(services, hasHealthCheck)
      .flat()
      .map((service) => {
        const resource = this.#service(service, objects, last);
        // The provider ends seconds after its service is there.
        if (service.engineReasons.length > 0) last = [resource];
        return resource;
      });
  }

  #service(
    service: PlannedService,
    objects: StackObjects,
    after: readonly pulumi.Resource[],
  ): pulumi.CustomResource {
    const removal = this.#removal(service, objects);
    const resource =
      service.engineReasons.length > 0
        ? engineService(service, this.#stack.sensitive, {
            ...this.#inSwarm,
            // Its body names them, and no input refers to them.
            dependsOn: [...objects.networks, ...objects.files, ...after],
          })
        : this.#providerService(service, objects, [removal, ...after]);
    if (service.effect !== "") void pulumi.log.info(service.effect, resource);
    return resource;
  }

  #providerService(
    { logicalName, spec }: PlannedService,
    { ids }: StackObjects,
    dependsOn: pulumi.Resource[],
  ): pulumi.CustomResource {
    return new docker.Service(logicalName, this.#kept(serviceArgs(spec, ids)), {
      ...this.#inSwarm,
      dependsOn,
      retainOnDelete: true,
      hooks: this.#hooks,
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
