// Package setting holds the value types of sparky.yaml: what a person may write where a duration, a percentage or a
// secret is meant, and how each is printed again. It knows nothing of the settings that are made of them.
package setting
