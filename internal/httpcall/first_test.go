package httpcall

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"
)

// answering gives the answers in their order, the last one again and again; an answer is a status, or 0 for a cut connection.
type answering struct {
	statuses []int
	asked    int
}

func (a *answering) RoundTrip(req *http.Request) (*http.Response, error) {
	status := a.statuses[min(a.asked, len(a.statuses)-1)]
	a.asked++
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	header := http.Header{}
	if status == http.StatusFound {
		header.Set("Location", "/elsewhere")
	}
	return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(fmt.Sprint(a.asked))), Request: req}, nil
}

// TestTheFirstAttemptIsMadeOnce counts attempts: the one outside the loop is the loop's first, whatever came of it, and is
// waited for and tried again like any other.
func TestTheFirstAttemptIsMadeOnce(t *testing.T) {
	for _, c := range []struct {
		method   string
		statuses []int
		attempts int
		waited   bool
		status   int
	}{
		{"GET", []int{200}, 1, false, 200},
		{"GET", []int{404}, 1, false, 404},
		{"GET", []int{500}, 1, false, 500},
		{"GET", []int{503, 200}, 2, true, 200},
		{"GET", []int{0, 200}, 2, true, 200},
		{"GET", []int{429, 503, 0, 200}, 4, true, 200},
		{"GET", []int{503}, 4, true, 503},
		{"GET", []int{0}, 4, true, 0},
		{"GET", []int{302, 200}, 2, false, 200},
		{"GET", []int{302, 503, 200}, 3, true, 200},
		{"POST", []int{503, 200}, 1, false, 503},
		{"POST", []int{302, 200}, 1, false, 302},
		{"POST", []int{0, 200}, 1, false, 0},
	} {
		for _, body := range [][]byte{nil, []byte("x=1")} {
			t.Run(fmt.Sprint(c.method, c.statuses, len(body)), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					network, began := &answering{statuses: c.statuses}, time.Now()
					client := New(Options{Transport: network, Jitter: func() float64 { return 0.5 }, Breaker: BreakerOptions{Requests: 100}})
					var seen []int
					ctx := Watched(t.Context(), func(s Seen) { seen = append(seen, s.Status) })
					answer, err := client.Do(ctx, Request{Method: c.method, URL: "https://api.example/x", Body: body})
					if network.asked != c.attempts || answer.Status != c.status || (err != nil) != (c.status == 0) {
						t.Errorf("%d attempts, %d, %v", network.asked, answer.Status, err)
					}
					if waited := time.Since(began) > 0; waited != c.waited {
						t.Errorf("it took %v", time.Since(began))
					}
					var fault *Error
					if errors.As(err, &fault) && fault.Attempts != c.attempts {
						t.Errorf("%d attempts are told", fault.Attempts)
					}
					if err == nil && (len(seen) == 0 || seen[len(seen)-1] != c.status || string(answer.Body) != fmt.Sprint(c.attempts)) {
						t.Errorf("seen %v, answered %q", seen, answer.Body)
					}
				})
			})
		}
	}
}

func TestReadingWithin(t *testing.T) {
	text := []byte(strings.Repeat("0123456789", 200))
	for _, size := range []int{1, 2, 512, len(text) - 1, len(text), len(text) + 1, 1 << 20} {
		for name, stream := range map[string]io.Reader{"at once": bytes.NewReader(text), "by bytes": iotest.OneByteReader(bytes.NewReader(text)),
			"its end with the rest": iotest.DataErrReader(bytes.NewReader(text))} {
			if got, err := readWithin(stream, size, int64(len(text))); err != nil || !bytes.Equal(got, text) {
				t.Errorf("%s, room for %d: %d bytes, %v", name, size, len(got), err)
			}
		}
		counted := &counting{Reader: bytes.NewReader(text)}
		if _, err := readWithin(counted, size, 100); !errors.As(err, &tooLarge{}) || counted.read != 101 {
			t.Errorf("room for %d: %d bytes were read, %v", size, counted.read, err)
		}
	}
	cut := io.MultiReader(bytes.NewReader(text[:700]), iotest.ErrReader(io.ErrUnexpectedEOF))
	if _, err := readWithin(cut, 512, 1<<20); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a cut stream: %v", err)
	}
}

type counting struct {
	io.Reader
	read int
}

func (c *counting) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.read += n
	return n, err
}
