/** Both stacks of the project, as the settings name them. */
export const bothStacks = {
  portainer: { file: "stacks/portainer_agent.yml" },
  coffee: {
    file: "stacks/go_coffee.yml",
    environment: {
      REVERSE_PROXY_URL: "http://${MASTER_NODE_IP}:5000",
      COFFEE_DB_PASSWORD: { secret: "coffeeDbPassword" },
      COFFEE_BROKER_PASSWORD: { secret: "coffeeBrokerPassword" },
    },
  },
};

/** The secret settings that they use. */
export const bothSecrets = {
  portainerPassword: "panel-s3cret",
  coffeeDbPassword: "database-s3cret",
  coffeeBrokerPassword: "broker-s3cret",
};
