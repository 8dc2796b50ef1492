package scheduler

import "context"

// begin notes that an effect is being carried out here. Where it is already, it notes nothing and returns what is closed at
// the end of that.
func (d *Dispatcher) begin(effect Effect) (before <-chan struct{}) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if before := d.running[effect.Kind][effect.Key]; before != nil {
		return before
	}
	d.note(effect.Kind, effect.Key)
	return nil
}

// follow begins an effect behind the attempt that is before it, whose end the queue knows, but not yet everybody here. It is
// false where that does not come while there is time to work.
func (d *Dispatcher) follow(work context.Context, effect Effect, before <-chan struct{}) bool {
	for before != nil {
		select {
		case <-before:
			before = d.begin(effect)
		case <-work.Done():
			return false
		}
	}
	return true
}

// note notes that an effect is being carried out here, under the lock.
func (d *Dispatcher) note(kind, key string) {
	if d.running[kind] == nil {
		d.running[kind] = map[string]chan struct{}{}
	}
	d.running[kind][key] = make(chan struct{})
}

func (d *Dispatcher) end(effect Effect) {
	d.mu.Lock()
	defer d.mu.Unlock()
	close(d.running[effect.Kind][effect.Key])
	delete(d.running[effect.Kind], effect.Key)
}

func (d *Dispatcher) runningKeys() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	var keys []string
	for _, of := range d.running {
		for key := range of {
			keys = append(keys, key)
		}
	}
	return keys
}
