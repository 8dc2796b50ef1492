//go:build !race

package feed

// withRace tells that the race detector slows everything: documents made to be slow are then smaller.
const withRace = false
