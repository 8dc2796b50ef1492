package scheduler

import (
	"context"
	"errors"
)

// Fence is a lease as somebody held it. What is done under it counts only while it is still held so: its keeper refuses
// what a holder writes that was paused, or cut off, for so long that another one has taken over.
type Fence struct {
	Name  string
	Owner string
	Epoch int64
}

// ErrFenced is what a keeper returns who was asked to keep something under a lease that is held by another one by now, or
// by nobody. Nothing was kept.
var ErrFenced = errors.New("the lease that this was done under is another replica's by now")

type fenceKey struct{}

// Under is ctx for what is done under the lease. It is handed down to whoever writes.
func (f Fence) Under(ctx context.Context) context.Context {
	return context.WithValue(ctx, fenceKey{}, f)
}

// FenceOf is the lease under which something is done, and whether there is one. People's requests, and effects, are under
// none: any replica takes them.
func FenceOf(ctx context.Context) (Fence, bool) {
	f, ok := ctx.Value(fenceKey{}).(Fence)
	return f, ok
}
