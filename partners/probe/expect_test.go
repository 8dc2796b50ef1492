package probe

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"sparky/fixtures/canned"
	"sparky/partners"
)

func TestCompare(t *testing.T) {
	document := gjson.Parse(`{"n":3,"f":2.50,"s":"ok","digits":"5","empty":"","yes":true,"no":null,"list":[1, 2],"o":{"a": 1},"big":12345678901234567890}`)
	for _, test := range []struct {
		path, want string
		words      string // empty: it is right
	}{
		{"s", "ok", ""}, {"s", " ok ", ""}, {"s", "OK", "is ok; it must be OK"}, {"s", "", "must be empty"},
		{"empty", "", ""}, {"empty", "x", "is empty; it must be x"}, {"empty", "exists", ""},
		{"n", "3", ""}, {"n", "3.0", ""}, {"n", "4", "is 3; it must be 4"}, {"big", "12345678901234567890", ""},
		{"n", ">2", ""}, {"n", "> 2", ""}, {"n", ">3", "is 3; it must be >3"}, {"n", ">=3", ""}, {"n", ">=3.1", "must be >=3.1"},
		{"n", "<4", ""}, {"n", "<3", "must be <3"}, {"n", "<=3", ""}, {"n", "<=2", "must be <=2"},
		{"n", ">-1", ""}, {"f", "2.5", ""}, {"f", "<2.6", ""}, {"digits", ">4", ""}, {"digits", "5", ""},
		{"s", ">1", "which is no number"}, {"yes", ">0", "which is no number"}, {"list", ">0", "which is no number"},
		{"s", ">one", "it must be >one"}, {"s", "!=bad", ""}, {"s", "!= ok", "which it must not be"}, {"n", "!=3.0", "which it must not be"},
		{"yes", "true", ""}, {"yes", "false", "is true"}, {"no", "null", ""}, {"no", "exists", ""}, {"no", "!=null", "must not be"},
		{"list", "[1,2]", ""}, {"list", "[1, 2]", ""}, {"list", "[2,1]", "is [1, 2]"}, {"list.#", "2", ""}, {"list.#", ">0", ""},
		{"o", `{"a":1}`, ""}, {"o.a", "1", ""},
		{"gone", "exists", "is not there; it must be there"}, {"gone", "!=x", "is not there"}, {"gone", "", "is not there; it must be empty"},
		{"gone", ">0", "is not there; it must be >0"}, {"gone", "null", "is not there"},
	} {
		got := compare(document.Get(test.path), test.want)
		if test.words == "" && got != "" || test.words != "" && !strings.Contains(got, test.words) {
			t.Errorf("%s: %q: got %q, want %q", test.path, test.want, got, test.words)
		}
	}
	if got := compare(gjson.Parse(`"`+strings.Repeat("x", 5000)+`"`), "y"); len(got) > 300 {
		t.Errorf("%d bytes to say that a long text is another one", len(got))
	}
}

func TestExpectations(t *testing.T) {
	page := []string{"Content-Type", "text/html"}
	for name, test := range map[string]struct {
		step   partners.HTTPStep
		status int
		body   string
		header []string
		class  partners.FailureClass
		words  string
	}{
		"any 2xx":              {partners.HTTPStep{}, 204, "", nil, "", ""},
		"the status":           {partners.HTTPStep{Expect: partners.Expect{Status: []int{401}}}, 401, "no", nil, "", ""},
		"another":              {partners.HTTPStep{Expect: partners.Expect{Status: []int{200}}}, 202, "", nil, partners.FailContent, "must answer 200"},
		"server error":         {partners.HTTPStep{}, 500, "boom", nil, partners.FailServer, "answered 500"},
		"json right":           {partners.HTTPStep{Expect: partners.Expect{JSON: map[string]string{"result.#": ">0"}}}, 200, `{"result":[1]}`, nil, "", ""},
		"json wrong":           {partners.HTTPStep{Expect: partners.Expect{JSON: map[string]string{"result.#": ">0"}}}, 200, `{"result":[]}`, nil, partners.FailContent, "result.# is 0; it must be >0"},
		"page for json":        {partners.HTTPStep{Expect: partners.Expect{JSON: map[string]string{"a": "1"}}}, 200, signInPage, page, partners.FailContent, "a sign-in page came instead"},
		"page, json asked":     {partners.HTTPStep{Headers: map[string]string{"accept": "application/json"}}, 200, "<html>", page, partners.FailContent, "web page"},
		"empty, json asked":    {partners.HTTPStep{Headers: map[string]string{"Accept": "application/json"}}, 204, "", nil, "", ""},
		"page where page":      {partners.HTTPStep{}, 200, signInPage, page, "", ""},
		"text":                 {partners.HTTPStep{Expect: partners.Expect{Body: "all well"}}, 200, "yes, all well", nil, "", ""},
		"no text":              {partners.HTTPStep{Expect: partners.Expect{Body: "all well"}}, 200, "no", nil, partners.FailContent, "without the text “all well”"},
		"wrong status decides": {partners.HTTPStep{Expect: partners.Expect{Body: "all well"}}, 503, "all well", nil, partners.FailServer, "503"},
	} {
		t.Run(name, func(t *testing.T) {
			test.step.URL = "https://api.example/x"
			got := run(t, httpConfig(test.step), over(always(test.status, test.body, test.header...)))
			if got.Class != test.class {
				t.Errorf("got class %q: %s", got.Class, got.Problem)
			}
			canned.Says(t, got.Problem, test.words)
		})
	}
}

func TestARedirectToSignIn(t *testing.T) {
	web := over(func(req *http.Request) (*http.Response, error) {
		if req.URL.Path == "/login" {
			return canned.Answer(200, signInPage, "Content-Type", "text/html"), nil
		}
		return canned.Answer(302, "", "Location", "/login"), nil
	})
	got := run(t, httpConfig(partners.HTTPStep{URL: "https://app.example/board"}), web)
	if got.Class != partners.FailContent || got.Status != 200 {
		t.Errorf("got %+v", got)
	}
	canned.Says(t, got.Problem, "a sign-in page came instead", "probe its own address")
	for _, meant := range []partners.HTTPStep{
		{URL: "https://app.example/board", Expect: partners.Expect{Body: "Sign in"}},
		{URL: "https://app.example/login"},
	} {
		if got := run(t, httpConfig(meant), web); !got.Passed() {
			t.Errorf("%+v: the page that was meant failed: %s", meant, got.Problem)
		}
	}
}

func TestLatency(t *testing.T) {
	step := httpStep{HTTPStep: partners.HTTPStep{Expect: partners.Expect{MaxLatency: seconds(2)}}, doing: "GET"}
	if failure := step.onTime(2*time.Second, response(200, "")); failure != nil {
		t.Errorf("got %v in time", failure)
	}
	failure := step.onTime(2345*time.Millisecond, response(200, ""))
	if failure == nil || failure.Class != partners.FailSlow {
		t.Fatalf("got %+v, want slow", failure)
	}
	canned.Says(t, failure.Problem, "the right answer", "took 2.3s", "at most 2s")
	step.Expect.MaxLatency = 0
	if failure := step.onTime(time.Hour, response(200, "")); failure != nil {
		t.Errorf("got %v without a limit", failure)
	}
}

func FuzzCompare(f *testing.F) {
	for _, seed := range []string{">0", ">=1.5", "<", "!=x", "exists", "[1,2]", "{", "NaN", ">NaN", "null", "1e999"} {
		f.Add(`{"a":[1,{"b":"2"}],"c":1e3}`, "a.1.b", seed)
	}
	f.Fuzz(func(t *testing.T, document, path, want string) {
		if !isJSON([]byte(document)) || path == "" {
			return
		}
		value := gjson.Parse(document).Get(path)
		problem := compare(value, want)
		if problem == "" && !value.Exists() {
			t.Fatalf("%q of %q is not there and passes as %q", path, document, want)
		}
		if len([]rune(problem)) > 300 {
			t.Fatalf("%d characters: %q", len([]rune(problem)), problem)
		}
		if strings.HasPrefix(strings.TrimSpace(want), "!=") || !value.Exists() {
			return
		}
		if negated := compare(value, "!="+want); problem == "" && negated == "" && !strings.ContainsAny(want, "<>") && strings.TrimSpace(want) != "exists" {
			t.Fatalf("%s both is and is not %q", value.Raw, want)
		}
	})
}
