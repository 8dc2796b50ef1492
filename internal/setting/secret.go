package setting

import (
	"fmt"
	"log/slog"
)

// Hidden is what is shown wherever a secret would have stood.
const Hidden = "[secret]"

// Secret is a value that no formatting, encoding or log can print. It keeps a pointer, so that even a reflective
// dump of a struct that holds one shows an address. Its value is had by Reveal alone, at the point of use.
type Secret struct{ value *string }

// NewSecret hides a value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal is the hidden value, empty where none was given.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero tells that no value was given.
func (s Secret) IsZero() bool { return s.value == nil }

// String is Hidden, or empty where no value was given.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return Hidden
}

// Format keeps the value out of every fmt verb.
func (s Secret) Format(f fmt.State, _ rune) { fmt.Fprint(f, s.String()) }

// MarshalText keeps the value out of JSON and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// LogValue keeps the value out of slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// UnmarshalText takes the value from a configuration file.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
