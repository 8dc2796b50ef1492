package main

import "github.com/spf13/cobra"

// What some commands do not use of the configuration need not be there: whoever asks the store, or the Sparky that runs, need not
// have its tokens. What is written is checked all the same.

// besideTheStore tells of settings that what is asked of the store alone does not use: secrets, and how systems outside are
// reached.
func besideTheStore(path []any, hidden bool) bool {
	switch path[0] {
	case "store":
		return false
	case "jira", "github", "new_relic", "heartbeat":
		return true
	case "slack":
		return hidden || path[1] == "api_url"
	case "partners":
		return hidden || len(path) > 3 && path[len(path)-1] != "id"
	}
	return hidden
}

// besideTheAddress tells of all settings but the address that Sparky listens on.
func besideTheAddress(path []any, _ bool) bool { return path[0] != "listen" }

// spared comes before the key of a setting that is spared, where a text may stand: no two of them are the same.
const spared = "spared, because what it refers to is not there: "

// configSparing loads the configuration that the command names, without what is spared where that is not there, or prints
// everything that is wrong with it.
func configSparing(cmd *cobra.Command, env lookupEnv, spares func(path []any, hidden bool) bool) (Config, error) {
	path, err := cmd.Flags().GetString("config")
	if err != nil {
		return Config{}, err
	}
	loaded := loadFile(path, env, spares, vendorCatalogue())
	return loaded.config, tellProblems(cmd, loaded.problems)
}
