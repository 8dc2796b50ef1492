package certify

import "sparky/partners"

// What items need. Each says why an item cannot be measured of a probe; empty where it can.

func always(*bench) string { return "" }

// speaksHTTP : the generic probes of the network make no HTTP call.
func speaksHTTP(b *bench) string {
	switch b.config.Kind {
	case partners.KindTCP, partners.KindDNS:
		return "a probe of kind " + b.config.Kind + " makes no HTTP call"
	}
	return ""
}

// onStage : the probe's addresses can be led to this machine.
func onStage(b *bench) string { return b.unaimed }

// somethingPassed : without one good answer nothing can be said of it.
func somethingPassed(b *bench) string {
	if b.passed == 0 {
		return "it does not work now, see performance"
	}
	return ""
}

func callsHTTP(b *bench) string {
	if why := speaksHTTP(b); why != "" {
		return why
	}
	if b.config.Kind == partners.KindTLS {
		return "a probe of kind tls is to make a connection of its own each time"
	}
	return somethingPassed(b)
}

// forwards : the probe passes when its calls are led over this machine.
func forwards(b *bench) string {
	if b.unaimed != "" {
		return b.unaimed
	}
	if why := somethingPassed(b); why != "" {
		return why
	}
	if !b.rehearsal.passed {
		return "led over this machine it does not work: " + b.rehearsal.problem
	}
	return ""
}

func rehearsed(b *bench) string { return forwards(b) }

func sawTLS(b *bench) string {
	if why := somethingPassed(b); why != "" {
		return why
	}
	if len(b.seen.secured) > 0 {
		return ""
	}
	if allLocal(b.config) {
		return "its address is on this machine, and without encryption"
	}
	return "it made no encrypted connection"
}

func hasCredential(b *bench) string {
	if b.unaimed != "" {
		return b.unaimed
	}
	if !b.canaries.any() {
		return "it carries no credential"
	}
	return ""
}

func hasToken(b *bench) string {
	if b.config.Auth == nil || b.config.Auth.OAuth2 == nil {
		return "it uses no OAuth token"
	}
	return forwards(b)
}

func reads(b *bench) string {
	if why := onStage(b); why != "" {
		return why
	}
	if !b.rehearsal.reads {
		return "it makes no call that only reads"
	}
	return ""
}

func writes(b *bench) string {
	if why := onStage(b); why != "" {
		return why
	}
	if !b.config.Writes() {
		return "it only reads"
	}
	return ""
}

// makes : what it writes is something that can be taken back.
func makes(b *bench) string {
	if why := writes(b); why != "" {
		return why
	}
	if why := forwards(b); why != "" {
		return why
	}
	if b.rehearsal.made == 0 {
		return "what it posts cannot be taken back; that it is posted once is measured above"
	}
	return ""
}
