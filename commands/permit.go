package commands

import "context"

// Role is a set of things that not everybody may do.
type Role string

// The roles. The zero Role is everybody's.
const (
	Operator  Role = "operator"  // probe, compat, ack, mute, certify
	Publisher Role = "publisher" // approve or retract public status page posts
)

// Permits tells who may do what. An error means that it could not be found out, so that nobody may for now.
type Permits interface {
	May(ctx context.Context, person Person, role Role) (bool, error)
}
