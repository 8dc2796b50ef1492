//go:build unix && !(linux && (amd64 || arm64))

package isolate

// trespasses are tried where a worker can be kept from them.
func trespasses() map[string]deed { return nil }
