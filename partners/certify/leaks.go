package certify

import (
	"context"
	"encoding/json"
	"fmt"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// canaryClient is the bench's client, with what the program would know of the canaries' configuration.
func (b *bench) canaryClient(change func(*httpcall.Options)) *httpcall.Client {
	return b.newClient(func(o *httpcall.Options) {
		o.Proxy, o.Redactor = noProxy, b.canaries.known()
		o.Timeout, o.AttemptTimeout = b.patience.probe, b.patience.attempt
		o.MinWait, o.MaxWait = b.patience.minWait, b.patience.maxWait
		change(o)
	})
}

func (b *bench) canaryModule(client *httpcall.Client, name string) func(context.Context) partners.ProbeResult {
	config := b.canaries.config
	config.Timeout = setting.Duration(b.patience.probe)
	return b.moduleBy(client.With(b.partner.ID+"/"+config.ID+" "+name, b.tools.Auth(config.Auth)), config, b.canaries.known())
}

// canary has the partner give back all that it was sent, in answers of every kind, and looks for it in whatever is told.
func (b *bench) canary(ctx context.Context) verdict {
	var mu sync.Mutex
	var events []string
	client := b.canaryClient(func(o *httpcall.Options) {
		o.OnBreaker = func(moved httpcall.Breaker) {
			mu.Lock()
			defer mu.Unlock()
			events = append(events, fmt.Sprintf("%+v", moved))
		}
	})
	said, answers := strings.Builder{}, b.echoes()
	var leaking []string
	for i, e := range answers {
		b.stage.set(e.fault)
		result := b.canaryModule(client, fmt.Sprint("canary ", i))(ctx)
		told, err := printed(result)
		if err != nil {
			return skipped("%v", err)
		}
		if b.canaries.in(told) {
			leaking = append(leaking, e.name)
		}
		said.WriteString(told)
	}
	// Calls in a row that fail open a breaker, which tells why.
	run := b.canaryModule(client, "canary breaker")
	b.stage.set(answers[len(answers)-1].fault)
	for range breakerTries {
		told, err := printed(run(ctx))
		if err != nil {
			return skipped("%v", err)
		}
		said.WriteString(told)
	}
	mu.Lock()
	defer mu.Unlock()
	said.WriteString(strings.Join(events, "\n"))
	budget := "no piece of 10 characters in results, errors, logs and events"
	switch {
	case len(leaking) > 0:
		return judged(false, budget, "it was told after %s", some(leaking))
	case b.canaries.in(said.String()):
		return judged(false, budget, "it was told of the circuit breaker")
	}
	return judged(true, budget, "a made-up credential was given back by %s, and %s of text hold no piece of it",
		plural(len(answers), "bad answer", "bad answers"), size(said.Len()))
}

// printed is a result in every way in which it may be written down.
func printed(result partners.ProbeResult) (string, error) {
	var b strings.Builder
	text, err := json.Marshal(result)
	if err != nil {
		return "", fmt.Errorf("writing the result down: %w", err)
	}
	b.Write(text)
	fmt.Fprintf(&b, "\n%+v\n%#v\n", result, result)
	slog.New(slog.NewTextHandler(&b, nil)).Warn("a probe failed", "result", result, "problem", result.Problem)
	slog.New(slog.NewJSONHandler(&b, nil)).Warn("a probe failed", "result", result, "problem", result.Problem)
	return b.String(), nil
}

// echo is a fault in which the answer holds what was sent.
type echo struct {
	name  string
	fault fault
}

// paddings move what is echoed over the place where texts are cut short: a secret that is cut is not known any more.
var paddings = [...]int{0, 120, 180, 240, 262, 270, 278, 284, 290}

func (b *bench) echoes() []echo {
	var all []echo
	add := func(name string, f fault) {
		if f.token == nil {
			f.token = b.giveToken
		}
		all = append(all, echo{name, f})
	}
	for _, status := range []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusBadRequest, http.StatusOK} {
		for _, padding := range paddings {
			add(fmt.Sprintf("an answer %d", status), fault{do: func(x *exchange) { x.echo(status, padding) }})
		}
	}
	add("a page", fault{do: func(x *exchange) {
		x.answer(http.StatusBadGateway, "<html><title>Bad gateway</title><body>"+html.EscapeString(x.sent())+"</body></html>", "Content-Type", "text/html")
	}})
	add("a redirect", fault{do: func(x *exchange) { x.answer(http.StatusFound, "", "Location", "javascript:"+x.sent()) }})
	add("a header that is broken", fault{do: func(x *exchange) { x.raw("HTTP/1.1 200 OK\r\n" + x.sent() + "\r\n\r\n") }})
	add("a connection that is cut", fault{do: (*exchange).cut})
	if b.config.Auth != nil && b.config.Auth.OAuth2 != nil {
		for _, padding := range paddings {
			add("a token that is refused", fault{token: func(x *exchange) { x.echo(http.StatusUnauthorized, padding) }})
		}
	}
	add("an answer 500", fault{do: func(x *exchange) { x.echo(http.StatusInternalServerError, 0) }})
	return all
}

// sent is all that came with a call, also as it is under base64.
func (x *exchange) sent() string {
	parts := []string{}
	if user, password, ok := x.r.BasicAuth(); ok {
		parts = append(parts, user+":"+password)
	}
	for _, name := range slices.Sorted(maps.Keys(x.r.Header)) {
		values := x.r.Header[name]
		if name != "User-Agent" && !strings.HasPrefix(name, "Accept") && !strings.HasPrefix(name, "Content-") {
			parts = append(parts, strings.Join(values, " "))
		}
	}
	parts = append(parts, x.r.URL.RequestURI(), string(x.body))
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// echo answers with what was sent, as the errors of many APIs are written, after some other words.
func (x *exchange) echo(status, padding int) {
	message := strings.Repeat("x", padding) + " " + x.sent()
	quoted, err := json.Marshal(message)
	if err != nil {
		quoted = []byte(`""`)
	}
	x.answer(status, fmt.Sprintf(`{"error":{"message":%s},"errorSummary":%s,"message":%s,"error_description":%s}`, quoted, quoted, quoted, quoted))
}

// raw writes what is no HTTP.
func (x *exchange) raw(text string) {
	hijacker, ok := x.rw.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return // it is gone already
	}
	_, _ = conn.Write([]byte(text))
	_ = conn.Close()
}
