package certify

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"sparky/internal/httpcall"
	"sparky/partners"
	"sparky/partners/probe"
)

func TestAGoodModuleIsCertified(t *testing.T) {
	for name, module := range map[string]maker{"reads": reader, "writes": creator} {
		t.Run(name, func(t *testing.T) {
			config := configured(partners.KindOktaOrg)
			if name == "writes" {
				config = configured(partners.KindServiceNowIncident)
			}
			var told []Progress
			cert := certified(t, config, well, module, func(_ *Subject, tools *Tools) {
				tools.Progress = func(p Progress) { told = append(told, p) }
			})
			// A DELETE may be repeated, and this test's does so by itself too.
			got := failures(cert)
			delete(got, "No answer")
			if len(got) > 0 {
				t.Errorf("failed: %v", got)
			}
			if len(cert.Items) != len(checks()) || cert.Modules[0].API != "v2" || cert.Fingerprint.API != "one v2" || cert.Took <= 0 || cert.Took > time.Minute {
				t.Errorf("%d items, %+v, %+v, %s", len(cert.Items), cert.Modules, cert.Fingerprint, cert.Took)
			}
			last := told[len(told)-1]
			if last.Done != last.All || last.Last == nil || last.Last.Name != cert.Items[len(cert.Items)-1].Name {
				t.Errorf("the last word of the progress: %+v", last)
			}
			if text := fmt.Sprintf("%+v", cert); strings.Contains(text, realSecret) {
				t.Error("the certificate tells the credential")
			}
		})
	}
}

// TestABadModuleIsNot has modules that each do one thing wrong, and wants that to be found.
func TestABadModuleIsNot(t *testing.T) {
	read := func(c partners.ProbeConfig) httpcall.Request { return httpcall.Request{URL: c.BaseURL + "/v2/things"} }
	for name, c := range map[string]struct {
		kind   string
		module maker
		want   string
	}{
		"takes anything for an answer": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				_, err := client.Do(ctx, read(c))
				return partners.Finding{}, err
			}, nil
		}, "An answer that is not what it must be"},
		"says of everything that it is their fault": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				if err := asked(ctx, client, read(c), http.StatusOK); err != nil {
					return partners.Finding{}, &partners.Failure{Class: partners.FailServer, Problem: "no"}
				}
				return partners.Finding{}, nil
			}, nil
		}, "A name that is not known"},
		"does not end in time": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				err := asked(ctx, client, read(c), http.StatusOK)
				if err != nil {
					<-time.After(10 * time.Second)
				}
				return partners.Finding{}, err
			}, nil
		}, "No answer"},
		"repeats what writes": {partners.KindTeamsCard, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				return partners.Finding{}, asked(ctx, client, httpcall.Request{Method: http.MethodPost, URL: c.BaseURL + "/x", Replay: true}, http.StatusCreated)
			}, nil
		}, "A write is not repeated"},
		"leaves behind what it made": {partners.KindServiceNowIncident, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				return partners.Finding{}, asked(ctx, client, httpcall.Request{Method: http.MethodPost, URL: c.BaseURL + "/v2/things"}, http.StatusCreated)
			}, nil
		}, "Nothing is left half-made"},
		"tries once more by itself": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				if asked(ctx, client, read(c), http.StatusOK) == nil {
					return partners.Finding{}, nil
				}
				return partners.Finding{}, asked(ctx, client, read(c), http.StatusOK)
			}, nil
		}, "A read is tried again"},
		"tells what the answer said": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				answer, err := client.Do(ctx, read(c))
				if err == nil && answer.Status != http.StatusOK {
					err = errors.New(string(answer.Body[:min(len(answer.Body), 200)]))
				}
				return partners.Finding{}, err
			}, nil
		}, "The credential is told nowhere"},
		"sends its credential along by itself": {partners.KindOktaOrg, func(c partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
			return func(ctx context.Context) (partners.Finding, error) {
				answer, err := client.Do(ctx, httpcall.Request{Method: http.MethodPost, URL: c.BaseURL + "/v2/things"})
				if to := answer.Header.Get("Location"); err == nil && answer.Status >= 300 && answer.Status < 400 {
					answer, err = client.Do(ctx, httpcall.Request{URL: to})
				}
				if err != nil {
					return partners.Finding{}, probe.Understand(ctx, err)
				}
				if failure := probe.Judge("asking", answer, http.StatusCreated); failure != nil {
					return partners.Finding{}, failure
				}
				return partners.Finding{}, nil
			}, nil
		}, "A redirect does not take the credential along"},
		"always panics": {partners.KindOktaOrg, func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error) {
			return func(context.Context) (partners.Finding, error) { panic("oh") }, nil
		}, "It works, every time"},
		"cannot be made": {partners.KindOktaOrg, func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error) {
			return nil, errors.New("base_url is missing")
		}, "It works, every time"},
	} {
		t.Run(name, func(t *testing.T) {
			cert := certified(t, configured(c.kind), well, c.module, nil)
			if got := item(t, cert, c.want); got.Outcome != partners.ItemFailed || cert.Passed() {
				t.Errorf("%s: %+v", c.want, got)
			}
		})
	}
}

// TestANeighbourThatFails has every second run of another probe fail, by the partner's client or by every client.
func TestANeighbourThatFails(t *testing.T) {
	for name, c := range map[string]struct{ failing, want int }{"by the same client": {1, 1}, "by every client": {2, 0}} {
		cert := certified(t, configured(partners.KindOktaOrg), well, reader, func(_ *Subject, tools *Tools) {
			usual, made := tools.Make, 0
			tools.Make = func(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
				if config.ID != "neighbour" {
					return usual(config, client)
				}
				runs := 0
				made++
				fails := made <= c.failing
				return func(context.Context) (partners.Finding, error) {
					if runs++; fails && runs%2 == 0 {
						return partners.Finding{}, &partners.Failure{Class: partners.FailTimeout, Problem: "no answer in time"}
					}
					return partners.Finding{}, nil
				}, nil
			}
		})
		if got := failures(cert); len(got) != c.want || c.want == 1 && !strings.Contains(got["A neighbour does not notice"], "no answer in time") {
			t.Errorf("failing %s: failed: %v", name, got)
		}
	}
}

// TestANeighbourThatIsLate has runs of another probe take long: by the partner's client, which is its fault, and by every
// client, which is the machine's.
func TestANeighbourThatIsLate(t *testing.T) {
	for name, c := range map[string]struct{ late, want int }{"by the same client": {1, 1}, "by every client": {2, 0}} {
		cert := certified(t, configured(partners.KindOktaOrg), well, reader, func(_ *Subject, tools *Tools) {
			usual, made := tools.Make, 0
			tools.Make = func(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
				if config.ID != "neighbour" {
					return usual(config, client)
				}
				made++
				if made > c.late {
					return func(context.Context) (partners.Finding, error) { return partners.Finding{}, nil }, nil
				}
				return func(context.Context) (partners.Finding, error) {
					<-time.After(leastAttempt + 100*time.Millisecond)
					return partners.Finding{}, nil
				}, nil
			}
		})
		if got := failures(cert); len(got) != c.want || c.want == 1 && !strings.Contains(got["A neighbour does not notice"], "took 600ms longer") {
			t.Errorf("late %s: failed: %v", name, got)
		}
	}
}

// lateOnce is a network that holds up one call, the second since it was told to.
type lateOnce struct {
	http.RoundTripper
	left atomic.Int32 // calls until then
}

func (l *lateOnce) RoundTrip(r *http.Request) (*http.Response, error) {
	if l.left.Add(-1) == 0 {
		<-time.After(60 * time.Millisecond)
	}
	return l.RoundTripper.RoundTrip(r)
}

// TestAMachineThatIsLateOnce holds up one of the attempts whose waits are measured, which is no fault of the module's.
func TestAMachineThatIsLateOnce(t *testing.T) {
	cert := certified(t, configured(partners.KindOktaOrg), well, reader, func(_ *Subject, tools *Tools) {
		network := &lateOnce{RoundTripper: tools.Client.Transport}
		tools.Client.Transport = network
		tools.Progress = func(p Progress) {
			if p.Name == "Slowed down (429), it waits longer each time" && p.Last == nil {
				network.left.Store(2)
			}
		}
	})
	if got := failures(cert); len(got) != 0 {
		t.Errorf("failed: %v", got)
	}
}

// TestWhatCannotBeMeasuredSaysWhy has probes whose calls cannot be led to this machine.
func TestWhatCannotBeMeasuredSaysWhy(t *testing.T) {
	for _, kind := range []string{partners.KindTCP, partners.KindDNS, partners.KindTLS} {
		config := partners.ProbeConfig{ID: "one", Kind: kind, Address: "127.0.0.1:80", Name: "acme.example"}
		config.SetDefaults()
		cert := certified(t, config, well, func(partners.ProbeConfig, *httpcall.Client) (partners.Probe, error) {
			return func(context.Context) (partners.Finding, error) { return partners.Finding{}, nil }, nil
		}, nil)
		if !cert.Passed() {
			t.Errorf("%s: %v", kind, failures(cert))
		}
		for _, i := range cert.Items {
			if i.Part == partners.PartResilience && (i.Outcome != partners.ItemSkipped || !strings.Contains(i.Measured, kind)) {
				t.Errorf("%s: %+v", kind, i)
			}
		}
	}
}

func TestAWrongCredentialIsTriedOnce(t *testing.T) {
	calls := 0
	cert := certified(t, configured(partners.KindOktaOrg), func(rw http.ResponseWriter, _ *http.Request) {
		calls++
		rw.WriteHeader(http.StatusUnauthorized)
	}, reader, nil)
	if calls != 1 || cert.Passed() {
		t.Errorf("called %d times, passed: %v", calls, cert.Passed())
	}
	if got := item(t, cert, "A slow answer"); got.Outcome != partners.ItemSkipped {
		t.Errorf("%+v", got)
	}
}

func TestASecretInTheFileFails(t *testing.T) {
	cert := certified(t, configured(partners.KindOktaOrg), well, reader, func(s *Subject, _ *Tools) { s.Inline = []string{"probes[0].auth.bearer", "probes[1].auth.bearer"} })
	if got := item(t, cert, "Secrets come from outside the file"); got.Outcome != partners.ItemFailed || !strings.HasSuffix(got.Measured, ": auth.bearer") {
		t.Errorf("%+v", got)
	}
}

func TestALimitThatIsTooLow(t *testing.T) {
	config := configured(partners.KindOktaOrg)
	config.Every = config.Timeout / 10 // a second
	cert := certified(t, config, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("X-Rate-Limit-Limit", "59")
		rw.Header().Set("X-OAuth-Scopes", "read:org, repo")
		well(rw, r)
	}, reader, nil)
	if got := item(t, cert, "Calls a minute stay within the partner's limit"); got.Outcome != partners.ItemFailed {
		t.Errorf("%+v", got)
	}
	got := item(t, cert, "It has no more rights than it needs")
	if got.Outcome != partners.ItemFailed || got.Required || !strings.HasSuffix(got.Measured, ": repo") {
		t.Errorf("%+v", got)
	}
}

func TestStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	cert, err := Run(ctx, Subject{Partner: partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{{ID: "p", Kind: partners.KindTCP}}}}, Tools{
		Make: reader, Now: time.Now, Random: func() string { return "x" }, Auth: func(*partners.Auth) httpcall.Auth { return httpcall.Auth{} },
		Listen: func(context.Context) (net.Listener, error) { return nil, errors.New("no more") },
	})
	if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "acme") {
		t.Errorf("%v", err)
	}
	if slices.ContainsFunc(cert.Items, func(i partners.CertificateItem) bool { return i.Outcome != partners.ItemSkipped }) {
		t.Errorf("%+v", cert.Items)
	}
}

func TestAMachineWithoutRoom(t *testing.T) {
	_, err := Run(t.Context(), Subject{Partner: partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{configured(partners.KindOktaOrg)}}}, Tools{
		Make: reader, Now: time.Now, Random: func() string { return "x" }, Auth: func(*partners.Auth) httpcall.Auth { return httpcall.Auth{} },
		Listen: func(context.Context) (net.Listener, error) { return nil, errors.New("too many open files") },
	})
	if err == nil || !strings.Contains(err.Error(), "too many open files") || !strings.Contains(err.Error(), "acme/one") {
		t.Errorf("%v", err)
	}
}

// TestAMonitorOfNewRelicIsNoIntegration holds that a probe which only asks New Relic does not keep the others from being
// certified, and that their keys are still told by their place in the file.
func TestAMonitorOfNewRelicIsNoIntegration(t *testing.T) {
	monitor := partners.ProbeConfig{ID: "seen", Kind: partners.KindNewRelic, Monitor: "acme"}
	cert := certified(t, configured(partners.KindOktaOrg), well, reader, func(s *Subject, _ *Tools) {
		s.Partner.Probes = append([]partners.ProbeConfig{monitor}, s.Partner.Probes...)
		s.Inline = []string{"probes[1].auth.bearer"}
	})
	if len(cert.Modules) != 1 || len(cert.Items) != len(checks()) {
		t.Errorf("%d modules, %d items", len(cert.Modules), len(cert.Items))
	}
	if got := failures(cert); len(got) != 1 || got["Secrets come from outside the file"] == "" {
		t.Errorf("failures %v, want the secret in the file alone", got)
	}
	_, err := Run(t.Context(), Subject{Partner: partners.Partner{ID: "acme", Probes: []partners.ProbeConfig{monitor}}}, Tools{Now: time.Now})
	if !errors.Is(err, ErrNothingCalls) {
		t.Errorf("got %v", err)
	}
}
