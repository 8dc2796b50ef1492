package partners

import (
	"context"
	"time"
)

// Probe makes one check of a partner. A nil error is a pass, about which Finding may tell more; any other error is the
// reason why the check failed, in words for a person: a *Failure where the probe knows what kind of failure it is. It
// must return soon after ctx is done, and may be called again at once, by one goroutine at a time.
type Probe func(ctx context.Context) (Finding, error)

// Finding is what a probe saw beside that it passed or failed.
type Finding struct {
	Warning string    // what will become a failure unless somebody acts, in words; empty for none
	Expires time.Time // when the certificate that was shown ends; zero where none was looked at
}

// FailureClass is what kind of failure a probe saw.
type FailureClass string

// The classes. Those up to FailReset are failures without an answer.
const (
	FailDNS         FailureClass = "dns"           // the name could not be looked up
	FailConnect     FailureClass = "connect"       // nobody took the connection
	FailProxy       FailureClass = "proxy"         // our own proxy did not let the call through
	FailTLS         FailureClass = "tls"           // no agreement on encryption
	FailCertificate FailureClass = "certificate"   // expired, not trusted, or for another name
	FailTimeout     FailureClass = "timeout"       // no answer, or no end of it, in time
	FailReset       FailureClass = "reset"         // the connection was cut before the answer ended
	FailAuth        FailureClass = "auth"          // 401, or no access token could be had
	FailRights      FailureClass = "rights"        // 403
	FailNotFound    FailureClass = "not-found"     // 404
	FailGone        FailureClass = "gone"          // 410
	FailRequest     FailureClass = "request"       // any other 4xx
	FailThrottled   FailureClass = "throttled"     // 429, or the partner's own word for it
	FailServer      FailureClass = "server"        // 5xx
	FailContent     FailureClass = "wrong-content" // an answer that is not what it must be
	FailSlow        FailureClass = "slow"          // the right answer, later than max_latency
	FailPanic       FailureClass = "panic"         // a mistake in the probe's own code
	FailReported    FailureClass = "reported"      // New Relic's monitor failed, or a figure is past its limit: Sparky saw no answer itself
	FailNotTried    FailureClass = "not-tried"     // the circuit breaker is open, the run was called off, or our machine stood still: it tells nothing new
)

// AtNetwork tells that the failure may be of our own network as well as theirs: no answer of the partner's was seen.
func (c FailureClass) AtNetwork() bool {
	return c == FailDNS || c == FailConnect || c == FailProxy || c == FailTLS
}

// OurRequest tells that the partner answered and found fault with what we sent: credentials, rights, address or form.
func (c FailureClass) OurRequest() bool {
	switch c {
	case FailAuth, FailRights, FailNotFound, FailGone, FailRequest:
		return true
	}
	return false
}

// Failure is why a probe failed. Its text is for a person and holds no secret.
type Failure struct {
	Class   FailureClass
	Problem string // what was asked, what came instead, and what to do where that is known
	Status  int    // of the answer that failed it; 0 where there was none
	Host    string // that was called
	// Connected tells that a connection to the host stood, so that a timeout is not of the way there.
	Connected bool
	// Edge names the provider at whose edge the answer was made (cloudflare, azure front door, amazon cloudfront,
	// fastly, akamai), as its headers tell; empty where they do not.
	Edge    string
	Excerpt string // the beginning of the answer, as plain text, at most 300 characters; empty where it says nothing
	// Issuer is who signed the certificate that was refused; empty where none was.
	Issuer string
}

// Error is the problem.
func (f *Failure) Error() string { return f.Problem }

// Timings are how long the parts of a probe's last call took; zero where there was no such part. The sum of them is no
// more than the whole.
type Timings struct {
	DNS       time.Duration `json:"dns,omitempty"`
	Connect   time.Duration `json:"connect,omitempty"`
	TLS       time.Duration `json:"tls,omitempty"`
	FirstByte time.Duration `json:"first_byte,omitempty"` // from the request sent to the first byte of the answer
}

// ProbeResult is how one run of a probe ended. It is a failure where Class is not empty.
type ProbeResult struct {
	Partner string        `json:"partner"`
	Probe   string        `json:"probe"`
	At      time.Time     `json:"at"`   // when it began
	Took    time.Duration `json:"took"` // all of it
	Timings Timings       `json:"timings"`
	Class   FailureClass  `json:"class,omitempty"`
	Problem string        `json:"problem,omitempty"` // what failed, in plain words
	Status  int           `json:"status,omitempty"`
	Host    string        `json:"host,omitempty"`
	Edge    string        `json:"edge,omitempty"`
	Excerpt string        `json:"excerpt,omitempty"`
	Issuer  string        `json:"issuer,omitempty"`
	// LooksBack is over how long a figure was taken that is past its limit: so long it may hold what is over. Zero for a run.
	LooksBack time.Duration `json:"looks_back,omitempty"`
	// Connected tells of a failure that a connection to the host stood.
	Connected bool      `json:"connected,omitempty"`
	Warning   string    `json:"warning,omitempty"`
	Expires   time.Time `json:"expires,omitzero"`
	Notices   []Notice  `json:"notices,omitempty"` // what the endpoints said of themselves, at most one for each
	// Calls are what the probe called, in order, without what it did to clean up. They are told to New Relic, and not kept.
	Calls []Call `json:"calls,omitempty"`
}

// Call is one call that a probe made to its partner.
type Call struct {
	Service string        `json:"service"` // msteams, servicenow…; the partner's id where the kind of probe names none
	Action  string        `json:"action"`  // postAdaptiveCard, createIncident…; the probe's id where the kind names none
	Took    time.Duration `json:"took"`    // retries included
	Status  int           `json:"status"`  // of the answer; 0 where none came
	At      time.Time     `json:"at"`      // when it began
}

// Passed tells that the probe found what it must find.
func (r ProbeResult) Passed() bool { return r.Class == "" }

// Tells is false for a result that says nothing of the partner: the probe was not tried.
func (r ProbeResult) Tells() bool { return r.Class != FailNotTried }

// AtNetwork tells that no answer of the partner's was seen, so that our own network may be the cause.
func (r ProbeResult) AtNetwork() bool {
	return r.Class.AtNetwork() || r.Class == FailTimeout && !r.Connected
}

// End is when the probe was over.
func (r ProbeResult) End() time.Time { return r.At.Add(r.Took) }

// ProbeStats are the results of one probe over a window of time.
type ProbeStats struct {
	Runs   int // that told something
	Passed int // of them
	// P50, P95 and P99 are percentiles of how long the passes took, exact to a few percent; zero where nothing passed.
	P50, P95, P99 time.Duration
	From, To      time.Time // the window
}

// ProbeSeries is how a probe did in a window of time, and in each step of it, oldest first and without gaps.
type ProbeSeries struct {
	Whole ProbeStats
	Steps []ProbeStats
}

// SuccessRate is the share of passes, 0 to 1; ok is false where nothing ran.
func (s ProbeStats) SuccessRate() (rate float64, ok bool) {
	if s.Runs == 0 {
		return 0, false
	}
	return float64(s.Passed) / float64(s.Runs), true
}
