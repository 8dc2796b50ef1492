package scheduler

import "time"

const (
	firstDelay  = time.Second
	longestStay = 15 * time.Minute
	longestTold = 24 * time.Hour
)

// backoff is how long to wait after so many failed attempts: a second, doubled each time up to a quarter of an hour.
// chance is in [0, 1) and shortens the wait by up to a half, so that those who failed together do not come back together.
func backoff(attempts int, chance float64) time.Duration {
	wait := longestStay
	if doublings := max(attempts, 1) - 1; doublings < 10 {
		wait = min(firstDelay<<doublings, longestStay)
	}
	return wait - time.Duration(chance*float64(wait)/2)
}
