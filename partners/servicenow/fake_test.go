package servicenow

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"sparky/fixtures/canned"
	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
	"sparky/partners/probe"
)

// instance is an instance of ServiceNow in memory, with state.
type instance struct {
	mu    sync.Mutex
	now   time.Time
	rows  []map[string]string
	seen  []string // "METHOD" of each call, in order
	wrong func(req *http.Request, nth int) *http.Response
	lost  int  // the answer to this call, counted from 1, is lost after it was carried out
	deaf  bool // queries are ignored
	rule  func(row map[string]string)
}

func reply(status int, body string, header ...string) *http.Response {
	return canned.Answer(status, body, append([]string{"Content-Type", "application/json"}, header...)...)
}

func refusal(status int, message, detail string) *http.Response {
	return reply(status, fmt.Sprintf(`{"error":{"message":%q,"detail":%q},"status":"failure"}`, message, detail))
}

// RoundTrip is the Table API.
func (in *instance) RoundTrip(req *http.Request) (*http.Response, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.seen = append(in.seen, req.Method)
	if in.wrong != nil {
		if resp := in.wrong(req, len(in.seen)); resp != nil {
			return resp, nil
		}
	}
	if req.Context().Err() != nil {
		return nil, req.Context().Err()
	}
	resp, err := in.answer(req)
	if err == nil && in.lost == len(in.seen) {
		return nil, io.ErrUnexpectedEOF
	}
	return resp, err
}

func (in *instance) answer(req *http.Request) (*http.Response, error) {
	id, single := strings.CutPrefix(req.URL.Path, "/api/now/table/incident/")
	if !single && req.URL.Path != "/api/now/table/incident" {
		return refusal(400, "Invalid table "+req.URL.Path, ""), nil
	}
	if !single && req.Method == http.MethodGet {
		return in.list(req.URL.Query().Get("sysparm_query"), req.URL.Query().Get("sysparm_limit")), nil
	}
	fields := map[string]string{}
	if req.Body != nil && req.Method != http.MethodGet {
		if err := json.NewDecoder(req.Body).Decode(&fields); err != nil {
			return refusal(400, "Exception while reading request", err.Error()), nil
		}
	}
	if req.Method == http.MethodPost {
		id := strings.Repeat("0", 30) + strconv.Itoa(10+len(in.rows))
		in.rows = append(in.rows, map[string]string{
			"sys_id": id, "number": fmt.Sprintf("INC%07d", len(in.rows)+1), "state": "1", "active": "true", "sys_created_on": in.now.Format(time.DateTime),
		})
		return in.show(201, in.write(in.rows[len(in.rows)-1], fields)), nil
	}
	for _, row := range in.rows {
		if row["sys_id"] == id {
			return in.show(200, in.write(row, fields)), nil
		}
	}
	return refusal(404, "No Record found", "Record doesn't exist or ACL restricts the record retrieval"), nil
}

func (in *instance) write(row, fields map[string]string) map[string]string {
	for name, value := range fields {
		row[name] = value
	}
	if len(fields) > 0 && in.rule != nil {
		in.rule(row)
	}
	if row["state"] == "6" || row["state"] == "7" {
		row["active"] = strconv.FormatBool(row["state"] == "6")
	}
	return row
}

func (in *instance) show(status int, what any) *http.Response {
	body, _ := json.Marshal(map[string]any{"result": what})
	return reply(status, string(body), "Date", in.now.Format(http.TimeFormat))
}

// list understands the part of encoded queries that the probe writes.
func (in *instance) list(query, limit string) *http.Response {
	found := []map[string]string{}
	for _, row := range in.rows {
		if in.deaf || matches(row, query) {
			found = append(found, row)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i]["sys_created_on"] < found[j]["sys_created_on"] })
	if most, err := strconv.Atoi(limit); err == nil && len(found) > most {
		found = found[:most]
	}
	return in.show(200, found)
}

func matches(row map[string]string, query string) bool {
	for term := range strings.SplitSeq(query, "^") {
		if field, start, ok := strings.Cut(term, "STARTSWITH"); ok {
			if !strings.HasPrefix(row[field], start) {
				return false
			}
		} else if field, value, ok := strings.Cut(term, "="); ok && row[field] != value {
			return false
		}
	}
	return true
}

// open are the numbers of incidents that nobody ended.
func (in *instance) open() []string {
	in.mu.Lock()
	defer in.mu.Unlock()
	var numbers []string
	for _, row := range in.rows {
		if row["state"] != "6" && row["state"] != "7" {
			numbers = append(numbers, row["number"])
		}
	}
	return numbers
}

func (in *instance) calls() string { return strings.Join(in.seen, " ") }

func newInstance() *instance { return &instance{now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)} }

func config(kind string) partners.ProbeConfig {
	return partners.ProbeConfig{ID: "incident-creation", Kind: kind, BaseURL: "https://dev1.example/", Timeout: setting.Duration(10 * time.Second)}
}

// run makes a run against a transport.
func run(t testing.TB, config partners.ProbeConfig, transport http.RoundTripper) partners.ProbeResult {
	t.Helper()
	made, err := New(config, httpcall.New(httpcall.Options{Transport: transport, Retries: -1, AttemptTimeout: time.Minute, Breaker: httpcall.BreakerOptions{Requests: 1000}}))
	if err != nil {
		t.Fatal(err)
	}
	return probe.Run(t.Context(), "servicenow", config, made, time.Now)
}
