package msteams

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

const (
	flow    = "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
	sig     = "Zm9vYmFyLXNpZ25hdHVyZS1vZi1hLWZsb3c"
	webhook = "https://default1.environment.api.powerplatform.com:443/powerautomate/automations/direct/workflows/" + flow +
		"/triggers/manual/paths/invoke?api-version=1&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=" + sig
)

type network func(*http.Request) (*http.Response, error)

func (n network) RoundTrip(req *http.Request) (*http.Response, error) { return n(req) }

func reply(status int, body string, header ...string) network {
	return func(*http.Request) (*http.Response, error) { return canned.Answer(status, body, header...), nil }
}

func failing(err error) network {
	return func(*http.Request) (*http.Response, error) { return nil, err }
}

func run(t testing.TB, address string, transport network) partners.ProbeResult {
	t.Helper()
	config := partners.ProbeConfig{ID: "card", Kind: partners.KindTeamsCard, Webhook: setting.NewSecret(address), Timeout: setting.Duration(10 * time.Second)}
	made, err := New(config, httpcall.New(httpcall.Options{Transport: transport, Retries: -1}))
	if err != nil {
		t.Fatal(err)
	}
	got := probe.Run(t.Context(), "teams", config, made, time.Now)
	shown, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	for _, secret := range []string{flow, sig, "triggers", "IncomingWebhook", "5d41402abc4b2a76"} {
		if strings.Contains(string(shown), secret) {
			t.Errorf("%s tells a part of the address: %s", secret, shown)
		}
	}
	return got
}

func TestACardIsPosted(t *testing.T) {
	var sent map[string]any
	var called, contentType string
	got := run(t, webhook, func(req *http.Request) (*http.Response, error) {
		called, contentType = req.Method+" "+req.URL.String(), req.Header.Get("Content-Type")
		if err := json.NewDecoder(req.Body).Decode(&sent); err != nil {
			return nil, err
		}
		return reply(202, "")(req)
	})
	if !got.Passed() || called != "POST "+webhook || contentType != "application/json" {
		t.Errorf("got %+v after %s as %s", got, called, contentType)
	}
	attachment := sent["attachments"].([]any)[0].(map[string]any)
	content := attachment["content"].(map[string]any)
	if sent["type"] != "message" || attachment["contentType"] != "application/vnd.microsoft.card.adaptive" ||
		content["type"] != "AdaptiveCard" || content["version"] != "1.4" || len(content["body"].([]any)) != 2 {
		t.Errorf("sent %v", sent)
	}
	second := content["body"].([]any)[1].(map[string]any)["text"].(string)
	canned.Says(t, second, "Nothing is to be done", "UTC by the probe card")
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer network
		class  partners.FailureClass
		words  []string
	}{
		"accepted":          {reply(202, ""), "", nil},
		"a connector's 1":   {reply(200, "1"), "", nil},
		"nothing":           {reply(200, ""), "", nil},
		"hidden throttling": {reply(200, "Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x"), partners.FailThrottled, []string{"slow down"}},
		"a page":            {reply(200, "<html><title>Sign in"), partners.FailContent, []string{"not that it took the card"}},
		"bad card":          {reply(400, `{"error":{"code":"TriggerInputSchemaMismatch","message":"The input body is of the wrong type"}}`), partners.FailRequest, []string{"trigger"}},
		"bad signature":     {reply(401, `{"error":{"message":"The provided `+sig+` is not valid at /powerautomate/automations/direct/workflows/`+flow+`/triggers/manual/paths/invoke"}}`), partners.FailAuth, []string{"copy it from the workflow"}},
		"flow deleted":      {reply(404, `{"error":{"code":"WorkflowNotFound","message":"The workflow is gone"}}`), partners.FailNotFound, []string{"deleted or turned off"}},
		"retired":           {reply(410, ""), partners.FailGone, []string{"Power Automate"}},
		"too often":         {reply(429, "", "Retry-After", "2.128"), partners.FailThrottled, []string{"wait for 2.128 seconds"}},
		"edge":              {reply(503, "<h2>Our services aren't available right now</h2>", "X-Azure-Ref", "1"), partners.FailServer, []string{"azure front door"}},
		"another success":   {reply(204, ""), partners.FailContent, []string{"must answer 202"}},
		"moved":             {reply(302, "", "Location", "https://login.microsoftonline.com/x"), partners.FailContent, []string{"a sign-in page"}},
		"no name":           {failing(&net.DNSError{IsNotFound: true}), partners.FailDNS, []string{"no such host"}},
		"refused":           {failing(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), partners.FailConnect, []string{"refused"}},
		"cut":               {failing(io.ErrUnexpectedEOF), partners.FailReset, []string{"cut"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := run(t, webhook, test.answer)
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words...)
			if test.class != "" {
				canned.Says(t, got.Problem, "posting a card to Teams: default1.environment.api.powerplatform.com")
			}
			if strings.Contains(got.Problem, "ended on") {
				t.Errorf("%q takes a living address for a retired one", got.Problem)
			}
		})
	}
}

func TestTheEdgeIsToldOf(t *testing.T) {
	got := run(t, webhook, reply(502, "<html><h1>Bad gateway</h1>", "X-Azure-Ref", "1"))
	if got.Edge != "azure front door" || got.Excerpt != "Bad gateway" || got.Status != 502 {
		t.Errorf("got %+v", got)
	}
}

func TestRetiredAddresses(t *testing.T) {
	for address, words := range map[string]string{
		"https://prod-12.westeurope.logic.azure.com:443/workflows/" + flow + "/triggers/manual/paths/invoke?sig=" + sig: "30 November 2025",
		"https://acme.webhook.office.com/webhookb2/5d41402abc4b2a76/IncomingWebhook/" + flow + "/x":                     "Office 365 connector",
		"https://Outlook.Office.com/webhook/5d41402abc4b2a76/IncomingWebhook/" + flow:                                   "Office 365 connector",
	} {
		for _, transport := range []network{reply(404, ""), reply(200, "no"), failing(&net.DNSError{IsNotFound: true})} {
			got := run(t, address, transport)
			canned.Says(t, got.Problem, words, "environment.api.powerplatform.com")
		}
		if got := run(t, address, reply(202, "")); !got.Passed() {
			t.Errorf("an address that still works failed: %s", got.Problem)
		}
	}
	if got := run(t, "https://notlogic.azure.com.example/"+flow, reply(404, "")); strings.Contains(got.Problem, "ended") {
		t.Errorf("got %q", got.Problem)
	}
}

func TestNew(t *testing.T) {
	for _, config := range []partners.ProbeConfig{
		{ID: "card", Kind: partners.KindTeamsCard},
		{ID: "card", Kind: partners.KindTeamsCard, Webhook: setting.NewSecret("https://%zz/" + sig)},
		{ID: "card", Kind: partners.KindTeamsCard, Webhook: setting.NewSecret("not-an-address-" + sig)},
		{ID: "card", Kind: partners.KindHTTP, Webhook: setting.NewSecret(webhook)},
	} {
		_, err := New(config, nil)
		if err == nil || !strings.Contains(err.Error(), "card") || strings.Contains(err.Error(), sig) {
			t.Errorf("got %v", err)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("the flow " + flow + " with " + sig)
	f.Add(webhook)
	f.Add("/powerautomate")
	c := card{config: partners.ProbeConfig{Webhook: setting.NewSecret(webhook)}}
	f.Fuzz(func(t *testing.T, text string) {
		if got := c.clean(text); strings.Contains(got, sig) || strings.Contains(got, flow) {
			t.Fatalf("%q shows a part of the address", got)
		}
	})
}
