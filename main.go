// Sparky is a Slack-first guardian for the third-party integrations that a software company depends on.
package main

func main() {}
