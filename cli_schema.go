package main

import (
	_ "embed"
	"fmt"

	"github.com/spf13/cobra"
)

// schema is what can stand in sparky.yaml, as JSON Schema. It is made from the structs that the file is read into, by
// make reference, and a test holds that it is of today.
//
//go:embed docs/sparky.schema.json
var schema []byte

// schemaFile is what the schema is called beside a configuration, whose first line names it.
const schemaFile = "sparky.schema.json"

// newSchemaCommand is `sparky schema`: what editors check and complete a sparky.yaml by.
func newSchemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of sparky.yaml, by which editors complete and check it",
		Long: "Print the JSON Schema (draft 2020-12) of sparky.yaml, by which editors complete and check it. sparky init writes it\n" +
			"beside the configuration as sparky.schema.json, and names it in the first line, where editors look for it. After an\n" +
			"upgrade: sparky schema > sparky.schema.json. What no schema can tell, sparky validate does.",
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if _, err := cmd.OutOrStdout().Write(schema); err != nil {
				return fmt.Errorf("writing the schema: %w", err)
			}
			return nil
		},
	}
}
