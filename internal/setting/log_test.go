package setting_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"sparky/internal/setting"
)

const logged = "canary-4711"

type valuer struct{}

func (valuer) LogValue() slog.Value { return slog.GroupValue(slog.String("inner", logged)) }

type stringer struct{}

func (stringer) String() string { return "I hold " + logged }

type panics struct{}

func (panics) Error() string { panic("no text") }

type deep struct {
	Name string
	Next *deep
}

func TestLogHandlerHidesSecretsEverywhere(t *testing.T) {
	secret := fmt.Errorf("call: %w", errors.New("token "+logged+" refused"))
	for name, write := range map[string]func(*slog.Logger){
		"message":       func(l *slog.Logger) { l.Info("got " + logged) },
		"string":        func(l *slog.Logger) { l.Info("m", "k", logged) },
		"key":           func(l *slog.Logger) { l.Info("m", logged, "v") },
		"error":         func(l *slog.Logger) { l.Info("m", "err", secret) },
		"stringer":      func(l *slog.Logger) { l.Info("m", "k", stringer{}) },
		"valuer":        func(l *slog.Logger) { l.Info("m", "k", valuer{}) },
		"bytes":         func(l *slog.Logger) { l.Info("m", "k", []byte("x"+logged)) },
		"struct":        func(l *slog.Logger) { l.Info("m", "k", deep{Name: logged}) },
		"pointers":      func(l *slog.Logger) { l.Info("m", "k", &deep{Next: &deep{Next: &deep{Name: logged}}}) },
		"map":           func(l *slog.Logger) { l.Info("m", "k", map[string][]string{"a": {logged}}) },
		"bytes inside":  func(l *slog.Logger) { l.Info("m", "k", struct{ B []byte }{[]byte("x" + logged)}) },
		"group":         func(l *slog.Logger) { l.Info("m", slog.Group("g", slog.Group("h", "k", logged))) },
		"with":          func(l *slog.Logger) { l.With("k", logged).Info("m") },
		"with a group":  func(l *slog.Logger) { l.WithGroup("g").With("err", secret).WithGroup("h").Info("m", "k", logged) },
		"name of group": func(l *slog.Logger) { l.WithGroup(logged).Info("m", "k", 1) },
	} {
		for kind, build := range map[string]func(*bytes.Buffer) slog.Handler{
			"text": func(b *bytes.Buffer) slog.Handler { return slog.NewTextHandler(b, nil) },
			"json": func(b *bytes.Buffer) slog.Handler { return slog.NewJSONHandler(b, nil) },
		} {
			var out bytes.Buffer
			write(slog.New(setting.NewLogHandler(build(&out), setting.NewRedactor(setting.NewSecret(logged)))))
			if got := out.String(); strings.Contains(got, "4711") || !strings.Contains(got, setting.Hidden) {
				t.Errorf("%s as %s: %s", name, kind, got)
			}
		}
	}
}

func TestLogHandlerLeavesTheRest(t *testing.T) {
	var out bytes.Buffer
	handler := setting.NewLogHandler(slog.NewJSONHandler(&out, &slog.HandlerOptions{Level: slog.LevelWarn}),
		setting.NewRedactor(setting.NewSecret(logged)))
	if handler.Enabled(context.Background(), slog.LevelInfo) {
		t.Error("info is enabled although the handler below leaves it out")
	}
	logger := slog.New(handler)
	logger.Info("too quiet")
	logger.WithGroup("g").Warn("loud", "n", 7, "d", time.Second, "b", true, "s", deep{Name: "x"}, "nil", nil, "bad", panics{})
	var line struct {
		Msg string
		G   struct {
			N   int
			D   int64
			B   bool
			S   deep
			Nil any
			Bad string
		}
	}
	if err := json.Unmarshal(out.Bytes(), &line); err != nil {
		t.Fatalf("%s: %v", out.String(), err)
	}
	if line.Msg != "loud" || line.G.N != 7 || line.G.D != int64(time.Second) || !line.G.B || line.G.S.Name != "x" ||
		line.G.Nil != nil || !strings.Contains(line.G.Bad, "PANIC") {
		t.Errorf("got %s", out.String())
	}
}
