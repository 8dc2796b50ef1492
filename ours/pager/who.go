package pager

// Who are those who would be called, in words that can be listed and follow “An incident would call:”. The user group that
// they speak of is Config.SlackGroup: the reader's own front end shows its name. PagerDuty's Events API does not say who is on
// call, so Sparky does not pretend to know.
func (c Config) Who() []string {
	switch c.Provider {
	case ProviderPagerDuty:
		lines := []string{"whoever PagerDuty's schedule has on call now for Sparky's service"}
		if c.SlackGroup != "" {
			lines = append(lines, "the on-call group, by a mention in the thread of the incident")
		}
		return lines
	case ProviderSlack:
		return []string{"the on-call group, by a mention in the thread of the incident; no phone rings"}
	default:
		return []string{"nobody: no oncall block is configured, so Sparky opens incidents and posts them, and calls no one"}
	}
}
