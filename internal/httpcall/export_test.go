package httpcall

import (
	"cmp"
	"slices"
)

// Breakers are the breakers of this Client and of all made from it by With, by name and host.
func (c *Client) Breakers() []Breaker {
	var shown []Breaker
	for _, b := range c.breakers.byKey.all() {
		// Asking for the state is what turns open into half-open once the time has come.
		b.two.State()
		shown = append(shown, b.show())
	}
	c.breakers.news.deliver()
	slices.SortFunc(shown, func(a, b Breaker) int {
		return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Host, b.Host))
	})
	return shown
}

// all is every value, in no order.
func (r *registry[K, V]) all() []V {
	r.mu.Lock()
	defer r.mu.Unlock()
	values := make([]V, 0, len(r.entries))
	for _, entry := range r.entries {
		values = append(values, entry.value)
	}
	return values
}
