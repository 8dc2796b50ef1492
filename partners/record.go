package partners

import "time"

// StatusRecord is what is remembered of a partner's status page.
type StatusRecord struct {
	Status   Status    // the newest reading
	LastGood Status    // the newest reading whose level is not Unknown; zero where there was none
	Since    time.Time // since when the level has been what it is
}
