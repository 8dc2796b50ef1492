package setting

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
)

// NewLogHandler takes known secrets out of all that is logged before next sees it: messages, keys, and values of every
// kind. A value that holds a secret somewhere inside is logged as its redacted text; others keep their type.
func NewLogHandler(next slog.Handler, redactor Redactor) slog.Handler {
	return logHandler{next, redactor}
}

type logHandler struct {
	next     slog.Handler
	redactor Redactor
}

// Enabled asks the next handler.
func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle gives a redacted copy of the record to the next handler.
func (h logHandler) Handle(ctx context.Context, record slog.Record) error {
	clean := slog.NewRecord(record.Time, record.Level, h.redactor.Redact(record.Message), record.PC)
	record.Attrs(func(attr slog.Attr) bool {
		clean.AddAttrs(h.attr(attr))
		return true
	})
	return h.next.Handle(ctx, clean)
}

// WithAttrs keeps redacted attributes.
func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return logHandler{h.next.WithAttrs(h.attrs(attrs)), h.redactor}
}

// WithGroup opens a group.
func (h logHandler) WithGroup(name string) slog.Handler {
	return logHandler{h.next.WithGroup(h.redactor.Redact(name)), h.redactor}
}

func (h logHandler) attrs(attrs []slog.Attr) []slog.Attr {
	clean := make([]slog.Attr, len(attrs))
	for i, attr := range attrs {
		clean[i] = h.attr(attr)
	}
	return clean
}

func (h logHandler) attr(attr slog.Attr) slog.Attr {
	return slog.Attr{Key: h.redactor.Redact(attr.Key), Value: h.value(attr.Value.Resolve())}
}

func (h logHandler) value(value slog.Value) slog.Value {
	switch value.Kind() {
	case slog.KindString:
		return slog.StringValue(h.redactor.Redact(value.String()))
	case slog.KindGroup:
		return slog.GroupValue(h.attrs(value.Group())...)
	case slog.KindAny:
		return h.any(value)
	default:
		return value
	}
}

// any looks at a value as each handler might print it. fmt outlives a String or Error that panics.
func (h logHandler) any(value slog.Value) slog.Value {
	held := value.Any()
	switch held.(type) {
	case error, fmt.Stringer:
		return slog.StringValue(h.redactor.Redact(fmt.Sprint(held)))
	}
	if bytes, ok := held.([]byte); ok {
		return slog.StringValue(h.redactor.Redact(string(bytes)))
	}
	text := fmt.Sprintf("%+v", held)
	if clean := h.redactor.Redact(text); clean != text {
		return slog.StringValue(clean)
	}
	encoded, err := json.Marshal(held)
	if err != nil {
		return slog.StringValue(text)
	}
	if clean := h.redactor.Redact(string(encoded)); clean != string(encoded) {
		return slog.StringValue(clean)
	}
	return value
}
