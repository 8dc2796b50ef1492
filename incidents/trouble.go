package incidents

import "time"

// Trouble is an effect that cannot be carried out until a person has mended something: a revoked token, a channel that
// does not exist. It stays until it is done.
type Trouble struct {
	Key      string
	Kind     string
	Problem  string // what the other side said, in words
	Attempts int
	Since    time.Time
}
