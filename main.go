// Sparky is a Slack-first guardian for the third-party integrations that a software company depends on.
package main

import "os"

func main() { os.Exit(execute(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)) }
