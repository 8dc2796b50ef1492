package main

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"
)

// schema is what can stand in sparky.yaml, as JSON Schema. It is made from the structs that the file is read into, by
// make reference, and a test holds that it is of today. In the binary it is a twelfth of its size.
//
//go:embed docs/sparky.schema.json.gz
var packedSchema []byte

// schema is the schema as editors and people read it.
func schema() (_ []byte, err error) {
	packed, err := gzip.NewReader(bytes.NewReader(packedSchema))
	if err != nil {
		return nil, fmt.Errorf("unpacking the schema: %w", err)
	}
	defer func() { err = errors.Join(err, packed.Close()) }()
	return io.ReadAll(packed)
}

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
			text, err := schema()
			if err == nil {
				_, err = cmd.OutOrStdout().Write(text)
			}
			if err != nil {
				return fmt.Errorf("writing the schema: %w", err)
			}
			return nil
		},
	}
}
