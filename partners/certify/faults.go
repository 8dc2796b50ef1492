package certify

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// answer answers in the partner's place; headers come in pairs.
func (x *exchange) answer(status int, body string, headers ...string) {
	x.rw.Header().Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		x.rw.Header().Set(headers[i], headers[i+1])
	}
	x.rw.WriteHeader(status)
	_, _ = io.Copy(x.rw, strings.NewReader(body)) // as above
}

// cut ends the connection as it is, with a reset where the network knows such a thing.
func (x *exchange) cut() {
	hijacker, ok := x.rw.(http.Hijacker)
	if !ok {
		return
	}
	conn, _, err := hijacker.Hijack()
	if err != nil {
		return // it is gone already
	}
	if resets, ok := conn.(*net.TCPConn); ok {
		_ = resets.SetLinger(0) // without it the end is only less rude
	}
	_ = conn.Close()
}

// wait waits, and tells whether anybody is still there to be answered.
func (x *exchange) wait(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-x.r.Context().Done():
	case <-x.stage.ended:
	}
	return false
}

// hang never answers.
func (x *exchange) hang() {
	select {
	case <-x.r.Context().Done():
	case <-x.stage.ended:
	}
	x.cut()
}

// half begins an answer and cuts the connection within it.
func (x *exchange) half() {
	x.rw.Header().Set("Content-Type", "application/json")
	x.rw.Header().Set("Content-Length", "4096")
	x.rw.WriteHeader(http.StatusOK)
	_, _ = x.rw.Write([]byte(`{"result":[{"sys_id":"`))
	if flusher, ok := x.rw.(http.Flusher); ok {
		flusher.Flush()
	}
	x.cut()
}

// endlessMost is how much of an answer without an end is sent at most, in bytes.
const endlessMost = 64 << 20

// flood sends an answer that does not end, and tells how much of it was taken.
func (x *exchange) flood(taken func(bytes int)) {
	x.rw.Header().Set("Content-Type", "application/json")
	x.rw.WriteHeader(http.StatusOK)
	chunk := bytes.Repeat([]byte("a"), 64<<10)
	_, err := x.rw.Write([]byte(`{"result":"`))
	sent := 0
	for err == nil && sent < endlessMost {
		var n int
		n, err = x.rw.Write(chunk)
		sent += n
		taken(n)
	}
}
