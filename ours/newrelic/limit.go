package newrelic

import (
	"fmt"
	"time"

	"sparky/partners"
)

// Limit is a limit of a probe as an alert of New Relic's.
type Limit struct {
	Alert
	Over time.Duration // how long it is counted
}

// What limits are counted over where the configuration does not say it.
const (
	UsualP95Over     = 15 * time.Minute
	UsualSuccessOver = time.Hour
)

// Limits are the limits p95 and success of a probe in NRQL: the same figures that Sparky counts from its own store.
func Limits(partner string, c partners.ProbeConfig) []Limit {
	var all []Limit
	is := "FROM SyntheticCheck WHERE monitorName = " + quoted(MonitorName(partner, c))
	name := func(what string) string { return fmt.Sprintf("%s %s", MonitorName(partner, c), what) }
	if c.P95 != nil {
		above := c.P95.Above.Std().Seconds()
		all = append(all, Limit{Alert{Name: name("p95"), Partner: partner, NRQL: "SELECT percentile(duration, 95) " + is, Above: &above,
			Severity: SeverityWarning}, c.P95.Over.Or(UsualP95Over)})
	}
	if c.Success != nil {
		below := float64(c.Success.Below)
		all = append(all, Limit{Alert{Name: name("success"), Partner: partner, NRQL: "SELECT percentage(count(*), WHERE result = 'SUCCESS') " + is,
			Below: &below, Severity: SeverityWarning}, c.Success.Over.Or(UsualSuccessOver)})
	}
	return all
}
