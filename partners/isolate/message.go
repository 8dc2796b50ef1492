package isolate

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// What goes over the pipes is a line of JSON each. None is longer than this, in bytes.
const (
	orderBytes  = 4 << 20
	answerBytes = 256 << 10
)

// errLong is a line that does not end.
var errLong = errors.New("a message is longer than any can be")

// beginning is the first message to a worker.
type beginning struct {
	Partner string   `json:"partner"`
	Memory  uint64   `json:"memory"`
	Calls   Calls    `json:"calls"`
	Secrets []string `json:"secrets"` // that its texts must not hold
	Hosts   hosts    `json:"hosts"`
}

// order is any later message to a worker: to run a probe, or to call a run off.
type order struct {
	ID        int64    `json:"id"`
	Off       bool     `json:"off,omitempty"`
	Probe     *parcel  `json:"probe,omitempty"`
	Resolvers []string `json:"resolvers,omitempty"` // for a dns probe that names none
}

// answer is a message of a worker: that it is ready, how a run ended, or that a breaker moved.
type answer struct {
	Ready   bool                  `json:"ready,omitempty"`
	Missing []string              `json:"missing,omitempty"`
	ID      int64                 `json:"id,omitempty"`
	Result  *partners.ProbeResult `json:"result,omitempty"`
	Unmade  string                `json:"unmade,omitempty"` // why there is no such probe
	Breaker *httpcall.Breaker     `json:"breaker,omitempty"`
}

// outcome is how a run ended, or why there is none.
func (a answer) outcome() (partners.ProbeResult, error) {
	if a.Result == nil {
		return notTried(a.Unmade), errors.New(clip(a.Unmade, mostText))
	}
	return *a.Result, nil
}

// parcel is the configuration of a probe with its secrets beside it, because nothing writes those down where they are.
type parcel struct {
	Config  partners.ProbeConfig `json:"config"`
	Secrets map[string]string    `json:"secrets,omitempty"`
}

// secretsOf are the places of a configuration that hold secrets, by name.
func secretsOf(c *partners.ProbeConfig) map[string]*setting.Secret {
	places := map[string]*setting.Secret{"webhook": &c.Webhook}
	if c.Auth == nil {
		return places
	}
	places["bearer"] = &c.Auth.Bearer
	if c.Auth.Basic != nil {
		places["basic"] = &c.Auth.Basic.Password
	}
	if c.Auth.Header != nil {
		places["header"] = &c.Auth.Header.Value
	}
	if c.Auth.OAuth2 != nil {
		places["client"], places["refresh"] = &c.Auth.OAuth2.ClientSecret, &c.Auth.OAuth2.RefreshToken
	}
	return places
}

func pack(c partners.ProbeConfig) *parcel {
	p := &parcel{Config: c, Secrets: map[string]string{}}
	for name, place := range secretsOf(&c) {
		if !place.IsZero() {
			p.Secrets[name] = place.Reveal()
		}
	}
	return p
}

// unpack is the configuration as it was packed.
func (p *parcel) unpack() partners.ProbeConfig {
	c := p.Config
	for name, place := range secretsOf(&c) {
		*place = setting.NewSecret(p.Secrets[name])
	}
	return c
}

// line is a message as it goes over a pipe.
func line(message any) ([]byte, error) {
	content, err := json.Marshal(message)
	if err != nil {
		return nil, fmt.Errorf("writing a message: %w", err)
	}
	return append(content, '\n'), nil
}

// lines reads messages that may come from anybody.
type lines struct {
	from *bufio.Reader
	most int
}

func newLines(from io.Reader, most int) lines { return lines{bufio.NewReader(from), most} }

// next reads a message. The error is io.EOF where there is none any more, and else says what is wrong with it.
func (l lines) next(into any) error {
	var whole []byte
	for {
		part, err := l.from.ReadSlice('\n')
		if len(whole)+len(part) > l.most {
			return errLong
		}
		whole = append(whole, part...)
		if err == nil {
			break
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if errors.Is(err, io.EOF) && len(whole) > 0 {
			return io.ErrUnexpectedEOF
		}
		return err
	}
	decoder := json.NewDecoder(bytes.NewReader(whole))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return errors.New("a message is none of ours")
	}
	if decoder.More() {
		return errors.New("a message goes on after its end")
	}
	return nil
}

// The most that a text of a result holds, in bytes, and how much else a result may bring; what modules write is far less.
const (
	mostText    = 2000
	mostNotices = 20
)

// tidy is a result as a worker may give it: about the probe that was asked for, at the time when it was, of a class that
// there is, and of texts that end.
func tidy(r partners.ProbeResult, partner, probe string, began time.Time, whole time.Duration) partners.ProbeResult {
	r.Partner, r.Probe, r.At = partner, probe, began
	if r.Took <= 0 || r.Took > whole {
		r.Took = whole
	}
	t := &r.Timings
	for _, part := range []*time.Duration{&t.DNS, &t.Connect, &t.TLS, &t.FirstByte} {
		*part = min(max(*part, 0), whole)
	}
	if t.DNS+t.Connect+t.TLS+t.FirstByte > whole {
		r.Timings = partners.Timings{}
	}
	if r.Class != "" && !known(r.Class) {
		r.Class = partners.FailPanic
	}
	for _, text := range []*string{&r.Problem, &r.Host, &r.Edge, &r.Excerpt, &r.Issuer, &r.Warning} {
		*text = clip(*text, mostText)
	}
	if r.Status < 0 || r.Status > 999 {
		r.Status = 0
	}
	tidyNotices(&r)
	r.Calls = tidyCalls(r.Calls, began, whole)
	return r
}

// tidyNotices bounds what becomes announcements: each is remembered, and told to people.
func tidyNotices(r *partners.ProbeResult) {
	r.Notices = slices.Clone(r.Notices[:min(len(r.Notices), mostNotices)])
	for i := range r.Notices {
		n := &r.Notices[i]
		n.Method, n.Endpoint = clip(n.Method, mostName), clip(n.Endpoint, mostName)
		// The beginning of an address would be another address.
		for _, address := range []*string{&n.More, &n.Successor} {
			if len(*address) > mostText {
				*address = ""
			}
		}
	}
}

// mostCalls is how many calls a result tells of; modules make a few.
const mostCalls = 100

// tidyCalls are calls as a worker may tell of them: within the run that they were made in.
func tidyCalls(calls []partners.Call, began time.Time, whole time.Duration) []partners.Call {
	calls = calls[:min(len(calls), mostCalls)]
	for i := range calls {
		c := &calls[i]
		c.Service, c.Action = clip(c.Service, mostName), clip(c.Action, mostName)
		c.Took = min(max(c.Took, 0), whole)
		if c.At.Before(began) || c.At.After(began.Add(whole)) {
			c.At = began
		}
		if c.Status < 0 || c.Status > 999 {
			c.Status = 0
		}
	}
	return calls
}
