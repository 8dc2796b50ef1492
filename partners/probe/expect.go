package probe

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"sparky/internal/httpcall"
	"sparky/internal/plaintext"
	"sparky/partners"
)

// longestValue is how much of a value that came is shown beside the one that must come, in runes.
const longestValue = 100

// meets is nil where an answer is what the step expects. Asked is the address that was called.
func (s httpStep) meets(asked string, answer httpcall.Response) *partners.Failure {
	if failure := Judge(s.doing, answer, s.Expect.Status...); failure != nil {
		return failure
	}
	if s.wantsJSON(answer) {
		document, failure := JSON(s.doing, answer)
		if failure != nil {
			return failure
		}
		if failure := s.meetsJSON(document, answer); failure != nil {
			return failure
		}
	}
	found := s.Expect.Body != "" && bytes.Contains(answer.Body, []byte(s.Expect.Body))
	switch {
	case found:
		return nil
	case movedToSignIn(asked, answer):
		return Fail(partners.FailContent, s.doing, answer,
			"did not answer what was asked: a sign-in page came instead; if that is the page that is meant, probe its own address")
	case s.Expect.Body != "":
		return Fail(partners.FailContent, s.doing, answer, fmt.Sprintf("answered %s, but without the text “%s”",
			statusWords(answer.Status), plaintext.Line(s.Expect.Body, longestValue)))
	}
	return nil
}

// wantsJSON tells that an answer must be JSON: values of it are expected or saved, or JSON was asked for and a page came.
func (s httpStep) wantsJSON(answer httpcall.Response) bool {
	return len(s.Expect.JSON) > 0 || len(s.Save) > 0 || s.asksJSON && isPage(answer)
}

func (s httpStep) meetsJSON(document gjson.Result, answer httpcall.Response) *partners.Failure {
	for _, path := range slices.Sorted(maps.Keys(s.Expect.JSON)) {
		if problem := compare(document.Get(path), s.Expect.JSON[path]); problem != "" {
			return Fail(partners.FailContent, s.doing, answer, fmt.Sprintf("answered %s, but %s %s", statusWords(answer.Status), path, problem))
		}
	}
	return nil
}

// onTime is a failure where the right answer took longer than the step allows.
func (s httpStep) onTime(took time.Duration, answer httpcall.Response) *partners.Failure {
	limit := s.Expect.MaxLatency.Std()
	if limit == 0 || took <= limit {
		return nil
	}
	return Fail(partners.FailSlow, s.doing, answer, fmt.Sprintf("gave the right answer, but took %s; at most %s are allowed",
		milliseconds(took), s.Expect.MaxLatency))
}

// compare says what is wrong with a value, empty where it is what it must be. Want is the value itself as text, or one of
// ">0", ">=1", "<5", "<=5", "!=x" and "exists".
func compare(value gjson.Result, want string) string {
	want = strings.TrimSpace(want)
	if !value.Exists() {
		return "is not there; it must be " + wanted(want)
	}
	if want == "exists" {
		return ""
	}
	if other, ok := strings.CutPrefix(want, "!="); ok {
		if equal(value, strings.TrimSpace(other)) {
			return "is " + shown(value) + ", which it must not be"
		}
		return ""
	}
	if operator, limit, ok := comparison(want); ok {
		number, err := strconv.ParseFloat(strings.TrimSpace(textOf(value)), 64)
		switch {
		case err != nil:
			return "is " + shown(value) + ", which is no number; it must be " + want
		case !holds(number, operator, limit):
			return "is " + shown(value) + "; it must be " + want
		}
		return ""
	}
	if !equal(value, want) {
		return "is " + shown(value) + "; it must be " + wanted(want)
	}
	return ""
}

// comparison reads an operator and its number. What only looks like one is a value.
func comparison(want string) (operator string, limit float64, ok bool) {
	for _, operator := range [...]string{">=", "<=", ">", "<"} {
		if number, found := strings.CutPrefix(want, operator); found {
			limit, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
			return operator, limit, err == nil
		}
	}
	return "", 0, false
}

func holds(number float64, operator string, limit float64) bool {
	switch operator {
	case ">=":
		return number >= limit
	case "<=":
		return number <= limit
	case ">":
		return number > limit
	}
	return number < limit
}

// equal compares texts as they are, numbers as numbers (1.0 is 1), lists and objects without their white space.
func equal(value gjson.Result, want string) bool {
	switch value.Type {
	case gjson.String:
		return value.Str == want
	case gjson.Number:
		number, err := strconv.ParseFloat(want, 64)
		return value.Raw == want || err == nil && number == value.Num
	case gjson.JSON:
		return value.Raw == want || compact(value) == compact(gjson.Parse(want))
	}
	return value.Raw == want
}

func compact(value gjson.Result) string { return value.Get("@ugly").Raw }

func wanted(want string) string {
	switch {
	case want == "":
		return "empty"
	case want == "exists":
		return "there"
	}
	return plaintext.Line(want, longestValue)
}

func shown(value gjson.Result) string {
	text := plaintext.Line(textOf(value), longestValue)
	if text == "" {
		return "empty"
	}
	return text
}
