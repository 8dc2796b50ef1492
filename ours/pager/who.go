package pager

// Who are the words about who would be called. The user group that they speak of is Config.SlackGroup: the reader's own
// front end shows its name. PagerDuty's Events API does not say who is on call, so Sparky does not pretend to know.
func (c Config) Who() []string {
	switch c.Provider {
	case ProviderPagerDuty:
		lines := []string{"PagerDuty calls whoever is on call for the service behind Sparky's integration; its schedule says who that is now."}
		if c.SlackGroup != "" {
			lines = append(lines, "The on-call group is mentioned in the thread of the incident as well.")
		}
		return lines
	case ProviderSlack:
		return []string{"The on-call group is mentioned in the thread of the incident. Nobody is called by phone."}
	default:
		return []string{"Nobody: no oncall block is configured, so Sparky opens incidents and posts them, and calls no one."}
	}
}

// Sends tells whether there is a service that is sent pages; with the provider slack there is none.
func (c Config) Sends() bool { return c.Provider == ProviderPagerDuty }
