//go:build race

package main

// soakShort is how many days a soak has that nobody asked a length of: the race detector makes each take several times as long.
const soakShort = 2
