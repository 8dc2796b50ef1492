package all

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"sparky/internal/httpcall"
	"sparky/internal/setting"
	"sparky/partners"
)

// complete is a configuration that any kind can be made of.
func complete(kind string) partners.ProbeConfig {
	c := partners.ProbeConfig{
		ID: "sign-in", Kind: kind, Address: "a.example:443", Name: "a.example", BaseURL: "https://a.example", Tenant: "acme",
		Webhook: setting.NewSecret("https://a.example/hook"),
	}
	c.URL = "https://a.example"
	return c
}

// TestEveryKindIsKnown holds that each kind that the configuration accepts is made, or is said to come later.
func TestEveryKindIsKnown(t *testing.T) {
	client := httpcall.New(httpcall.Options{})
	later := []string{}
	for _, kind := range partners.ProbeKinds() {
		probe, err := New(complete(kind), client)
		switch {
		case err == nil && probe == nil:
			t.Errorf("%s: neither a probe nor an error", kind)
		case (err == nil) != slices.Contains(Kinds(), kind):
			t.Errorf("%s: got %v, and Kinds lists %v", kind, err, Kinds())
		case errors.Is(err, ErrNewRelic):
			later = append(later, kind)
			if !strings.Contains(err.Error(), "sign-in") || !strings.Contains(err.Error(), kind+" cannot be run by this version") {
				t.Errorf("got %v, which does not say what is the matter", err)
			}
		case err != nil:
			t.Errorf("%s: %v", kind, err)
		}
	}
	if want := []string{partners.KindNewRelic}; !slices.Equal(later, want) {
		t.Errorf("later come %v, want %v", later, want)
	}
}

func TestAKindThatThereIsNot(t *testing.T) {
	_, err := New(complete("gopher"), nil)
	if err == nil || errors.Is(err, ErrNewRelic) || !strings.Contains(err.Error(), `"gopher" is no kind of probe`) {
		t.Errorf("got %v", err)
	}
	if _, err := New(partners.ProbeConfig{ID: "sign-in", Kind: partners.KindTCP}, nil); err == nil || errors.Is(err, ErrNewRelic) {
		t.Errorf("got %v for a probe without an address", err)
	}
}

func TestKinds(t *testing.T) {
	want := slices.DeleteFunc(partners.ProbeKinds(), func(kind string) bool { return kind == partners.KindNewRelic })
	if got := Kinds(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	Kinds()[0] = "changed"
	if Kinds()[0] != partners.KindHTTP {
		t.Error("a caller can change the list")
	}
}
