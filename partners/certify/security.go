package certify

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// httpsOnly looks at each address of the configuration. On this machine there is nobody between.
func (b *bench) httpsOnly(context.Context) verdict {
	const budget = "https everywhere; on this machine http will do"
	if b.config.Kind == partners.KindTLS {
		return judged(true, budget, "a probe of kind tls looks at encryption itself")
	}
	var open, here []string
	all := addresses(b.config)
	for _, address := range all {
		u, err := url.Parse(address)
		switch {
		case err == nil && u.Scheme == "https":
		case local(address):
			here = append(here, hostOf(u.Host))
		default:
			before, _, _ := strings.Cut(address, "?")
			open = append(open, before)
		}
	}
	switch {
	case len(open) > 0:
		return judged(false, budget, "without encryption: %s", strings.Join(open, ", "))
	case len(here) == len(all):
		return skipped("its address is on this machine (%s), where http will do", here[0])
	}
	return judged(true, budget, "%s", plural(len(all)-len(here), "address", "addresses"))
}

// leastLeft is how long a certificate must still hold: most are renewed 30 days before their end, so that one with less
// than a week was forgotten.
const leastLeft = 7 * 24 * time.Hour

func (b *bench) chain(context.Context) verdict {
	const budget = "trusted, and good for 7 days at least"
	now, soonest, trusted := b.tools.Now(), time.Time{}, true
	for _, state := range b.seen.secured {
		if len(state.PeerCertificates) == 0 {
			continue
		}
		// A probe of kind tls verifies by itself, after the handshake; its passing says the same.
		trusted = trusted && (len(state.VerifiedChains) > 0 || b.config.Kind == partners.KindTLS)
		if end := state.PeerCertificates[0].NotAfter; soonest.IsZero() || end.Before(soonest) {
			soonest = end
		}
	}
	left := soonest.Sub(now)
	words := "trusted"
	if !trusted {
		words = "not verified"
	}
	return judged(trusted && left >= leastLeft, budget, "%s, until %s (%s)", words, soonest.UTC().Format("2 January 2006"), plural(int(left.Hours()/24), "day", "days"))
}

func (b *bench) protocol(context.Context) verdict {
	lowest := uint16(0xffff)
	for _, state := range b.seen.secured {
		lowest = min(lowest, state.Version)
	}
	return judged(lowest >= tls.VersionTLS12, "TLS 1.2 or newer", "%s", tls.VersionName(lowest))
}

// refuses leads the probe to an address with such encryption, and wants it to send nothing there.
func (b *bench) refuses(ctx context.Context, secured *tls.Config, classes ...partners.FailureClass) verdict {
	var mu sync.Mutex
	told := false
	base, err := b.stage.serve(ctx, secured, func(rw http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		told = true
		rw.WriteHeader(discard)
	})
	if err != nil {
		return skipped("%v", err)
	}
	config, err := readdressed(b.aimed, func(as role, address string) (string, error) {
		if as == roleToken {
			return address, nil
		}
		_, rest, err := origin(address)
		return base + rest, err
	})
	if err != nil {
		return skipped("%v", err)
	}
	b.stage.set(fault{token: b.giveToken})
	result := b.module(b.client, "tls", config)(ctx)
	mu.Lock()
	defer mu.Unlock()
	budget := "it fails with " + names(classes) + ", and sends nothing"
	if told {
		return judged(false, budget, "it sent its call all the same")
	}
	return judged(slices.Contains(classes, result.Class), budget, "%s, nothing was sent", ended(result))
}

func (b *bench) oldProtocol(ctx context.Context) verdict {
	secured, err := papers{from: b.tools.Now().Add(-time.Hour), to: b.tools.Now().Add(24 * time.Hour)}.secured()
	if err != nil {
		return skipped("%v", err)
	}
	secured.MinVersion, secured.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return b.refuses(ctx, secured, partners.FailTLS)
}

func (b *bench) unknownAuthority(ctx context.Context) verdict {
	return b.refusesPapers(ctx, papers{from: b.tools.Now().Add(-time.Hour), to: b.tools.Now().Add(24 * time.Hour)})
}

func (b *bench) otherHost(ctx context.Context) verdict {
	return b.refusesPapers(ctx, papers{name: "another.example", from: b.tools.Now().Add(-time.Hour), to: b.tools.Now().Add(24 * time.Hour)})
}

func (b *bench) expired(ctx context.Context) verdict {
	return b.refusesPapers(ctx, papers{from: b.tools.Now().Add(-48 * time.Hour), to: b.tools.Now().Add(-24 * time.Hour)})
}

func (b *bench) refusesPapers(ctx context.Context, p papers) verdict {
	secured, err := p.secured()
	if err != nil {
		return skipped("%v", err)
	}
	return b.refuses(ctx, secured, partners.FailCertificate)
}

// giveToken is a token endpoint that gives the canary.
func (b *bench) giveToken(x *exchange) {
	x.answer(http.StatusOK, fmt.Sprintf(`{"access_token":%q,"token_type":"Bearer","expires_in":3600}`, b.canaries.token), "Cache-Control", "no-store")
}

// redirect sends the probe to another host, and looks at what arrives there.
func (b *bench) redirect(ctx context.Context) verdict {
	const budget = "no part of the credential arrives"
	var mu sync.Mutex
	var arrived []string
	base, err := b.stage.serve(ctx, nil, func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		arrived = append(arrived, fmt.Sprint(r.Header, r.URL, r.Host))
		rw.WriteHeader(discard)
	})
	if err != nil {
		return skipped("%v", err)
	}
	// The guard against private addresses would hide what is to be measured: this machine's is one.
	client := b.canaryClient(func(o *httpcall.Options) {
		o.Allow = append(slices.Clone(o.Allow), strings.TrimPrefix(base, "http://"))
	})
	for _, status := range []int{http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		b.stage.set(fault{token: b.giveToken, do: func(x *exchange) { x.answer(status, "", "Location", base+"/elsewhere") }})
		b.canaryModule(client, fmt.Sprint("redirect ", status))(ctx)
	}
	mu.Lock()
	defer mu.Unlock()
	for _, what := range arrived {
		if b.canaries.in(what) {
			return judged(false, budget, "the credential arrived at the other host")
		}
	}
	if len(arrived) == 0 {
		return judged(true, budget, "3 redirects (302, 307, 308), and none was followed")
	}
	return judged(true, budget, "3 redirects (302, 307, 308): %s at the other host, without it", plural(len(arrived), "call arrived", "calls arrived"))
}

func (b *bench) secretsOutside(context.Context) verdict {
	const budget = "each by ${NAME} or ${file:PATH}"
	if len(b.inline) > 0 {
		return judged(false, budget, "written into the configuration file: %s", strings.Join(b.inline, ", "))
	}
	return judged(true, budget, "no secret stands in the file")
}

// writingRights are words in the name of a right that lets more than read.
var writingRights = [...]string{"write", "manage", "admin", "delete", "create", "full", "send", "impersonat", "repo"}

// leastScope looks for rights to write that a probe which only reads does not need.
func (b *bench) leastScope(context.Context) verdict {
	var rights []string
	for _, c := range slices.Concat(b.rehearsal.tokens, b.rehearsal.calls) {
		rights = tidy(append(rights, c.rights...))
	}
	if len(rights) == 0 {
		return skipped("the partner does not say what rights we have")
	}
	slices.Sort(rights)
	var more []string
	for _, right := range rights {
		name := strings.ToLower(right)
		if slices.ContainsFunc(writingRights[:], func(word string) bool { return strings.Contains(name, word) }) && !strings.Contains(name, "read:") {
			more = append(more, right)
		}
	}
	const budget = "rights to read, and no others"
	switch {
	case b.config.Writes():
		return judged(true, "", "it writes, with %s", some(rights))
	case len(more) > 0:
		return judged(false, budget, "it only reads, and may more: %s", some(more))
	}
	return judged(true, budget, "%s", some(rights))
}
