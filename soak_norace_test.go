//go:build !race

package main

// soakShort is how many days a soak has that nobody asked a length of.
const soakShort = 3
