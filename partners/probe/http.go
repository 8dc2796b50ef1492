package probe

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/partners"
)

// httpProbe makes requests one after the other.
type httpProbe struct {
	client *httpcall.Client
	steps  []httpStep
}

// httpStep is one request, ready to be filled in and sent.
type httpStep struct {
	partners.HTTPStep
	doing    string // what it does, for a person
	single   bool   // there are no other steps, and {{ }} has no meaning
	asksJSON bool
	escape   escaper // for the body
}

func newHTTP(config partners.ProbeConfig, client *httpcall.Client) (partners.Probe, error) {
	if len(config.Steps) == 0 {
		if config.URL == "" {
			return nil, fmt.Errorf("probe %s: an http probe needs a url or steps", config.ID)
		}
		step := prepare(config.HTTPStep)
		step.single, step.doing = true, step.Method
		p := httpProbe{client: client, steps: []httpStep{step}}
		return p.run, nil
	}
	p := httpProbe{client: client}
	for i, s := range config.Steps {
		if s.URL == "" {
			return nil, fmt.Errorf("probe %s: step %d has no url", config.ID, i+1)
		}
		step := prepare(s)
		step.doing = fmt.Sprintf("step %d of %d, %s", i+1, len(config.Steps), step.Method)
		p.steps = append(p.steps, step)
	}
	return p.run, nil
}

func prepare(s partners.HTTPStep) httpStep {
	step := httpStep{HTTPStep: s}
	if step.Method == "" {
		step.Method = http.MethodGet
	}
	header := http.Header{}
	for name, value := range s.Headers {
		header.Set(name, value)
	}
	contentType := header.Get("Content-Type")
	if body := strings.TrimSpace(s.Body); contentType == "" && (strings.HasPrefix(body, "{") || strings.HasPrefix(body, "[")) {
		contentType = "application/json"
		step.Headers = maps.Clone(s.Headers)
		if step.Headers == nil {
			step.Headers = map[string]string{}
		}
		step.Headers["Content-Type"] = contentType
	}
	step.escape = inBody(contentType)
	step.asksJSON = strings.Contains(strings.ToLower(header.Get("Accept")), "json")
	return step
}

// run makes the steps until one fails, and after that those that clean up.
func (p httpProbe) run(ctx context.Context) (partners.Finding, error) {
	saved := values{}
	var failed *partners.Failure
	for _, step := range p.steps {
		if failed != nil && !step.Always {
			continue
		}
		failure := p.step(ctx, step, saved, failed != nil)
		switch {
		case failure == nil:
		case failed == nil:
			failed = failure
		default:
			failed.Problem += "; cleaning up failed too: " + failure.Problem
		}
	}
	if failed != nil {
		return partners.Finding{}, failed
	}
	return partners.Finding{}, nil
}

// step makes one request. After a failure it cleans up, and what needs a value that was never had has nothing to do.
func (p httpProbe) step(ctx context.Context, step httpStep, saved values, cleaning bool) *partners.Failure {
	request, err := step.request(saved)
	var missing unsaved
	switch {
	case errors.As(err, &missing) && cleaning:
		return nil
	case err != nil:
		return &partners.Failure{Class: partners.FailRequest, Problem: step.doing + ": " + err.Error()}
	}
	if step.Always {
		// What is left of the probe's time may be too little, and nobody else cleans up.
		var cancel context.CancelFunc
		ctx, cancel = CleanUp(ctx)
		defer cancel()
	}
	began := time.Now()
	answer, err := Do(ctx, p.client, "", "", request)
	took := time.Since(began)
	if err != nil {
		if !step.single {
			err = fmt.Errorf("%s: %w", strings.TrimSuffix(step.doing, ", "+step.Method), err)
		}
		return Understand(ctx, err)
	}
	if failure := step.meets(request.URL, answer); failure != nil {
		return step.worded(failure)
	}
	if failure := step.save(answer, saved); failure != nil {
		return failure
	}
	return step.worded(step.onTime(took, answer))
}

// worded says “GET api.example answered 500” where there is one request: its method alone is no name of what is done.
func (s httpStep) worded(failure *partners.Failure) *partners.Failure {
	if failure == nil || !s.single {
		return failure
	}
	if rest, ok := strings.CutPrefix(failure.Problem, s.doing+": "); ok {
		failure.Problem = s.doing + " " + rest
	}
	return failure
}

// request is the step's request with the saved values in it.
func (s httpStep) request(saved values) (httpcall.Request, error) {
	request := httpcall.Request{Method: s.Method, URL: s.URL, Header: http.Header{}, Body: []byte(s.Body)}
	for name, value := range s.Headers {
		request.Header.Set(name, value)
	}
	if s.single {
		return request, nil
	}
	var err error
	if request.URL, err = saved.fill(s.URL, inURL); err != nil {
		return request, fmt.Errorf("the url cannot be filled in: %w", err)
	}
	for _, name := range slices.Sorted(maps.Keys(s.Headers)) {
		value, err := saved.fill(s.Headers[name], inHeader)
		if err != nil {
			return request, fmt.Errorf("the header %s cannot be filled in: %w", name, err)
		}
		request.Header.Set(name, value)
	}
	body, err := saved.fill(s.Body, s.escape)
	if err != nil {
		return request, fmt.Errorf("the body cannot be filled in: %w", err)
	}
	request.Body = []byte(body)
	return request, nil
}

// save keeps what later steps need. What is not there, or not one value, is a failure: a later step would be about
// something else.
func (s httpStep) save(answer httpcall.Response, saved values) *partners.Failure {
	if len(s.Save) == 0 {
		return nil
	}
	document := gjson.ParseBytes(answer.Body) // meets has seen that it is JSON
	for _, name := range slices.Sorted(maps.Keys(s.Save)) {
		path := s.Save[name]
		value := document.Get(path)
		switch {
		case !value.Exists() || value.Type == gjson.Null || value.Type == gjson.String && value.Str == "":
			return Fail(partners.FailContent, s.doing, answer, fmt.Sprintf("answered %s, but nothing stands at %s, which later steps need as {{%s}}",
				statusWords(answer.Status), path, name))
		case value.Type == gjson.JSON:
			return Fail(partners.FailContent, s.doing, answer, fmt.Sprintf("answered %s, but at %s stands more than one value, so that it cannot be used as {{%s}}",
				statusWords(answer.Status), path, name))
		}
		saved[name] = value
	}
	return nil
}
