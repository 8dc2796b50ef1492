package main

import (
	"fmt"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"sparky/internal/setting"
)

// Secrets lists everything in the configuration that may not be shown: every Secret, the passwords inside addresses,
// and what ${…} put into headers, bodies and addresses. It is what a setting.Redactor is made of.
func (c Config) Secrets() []setting.Secret {
	found := append([]setting.Secret(nil), c.substituted...)
	collectSecrets(reflect.ValueOf(c), &found)
	return found
}

// named is the configuration with every source under a name that holds no secret: names are remembered, logged and shown,
// and stay when a token is replaced.
func (c Config) named() Config {
	redactor := setting.NewRedactor(c.Secrets()...)
	c.Partners = slices.Clone(c.Partners)
	for i := range c.Partners {
		taken := map[string]bool{}
		c.Partners[i].Changelog = slices.Clone(c.Partners[i].Changelog)
		for j, source := range c.Partners[i].Changelog {
			plain := redactor.Redact(source.Name())
			name := plain
			for n := 2; taken[name]; n++ {
				name = fmt.Sprintf("%s (%d)", plain, n)
			}
			taken[name] = true
			if name != source.Name() {
				c.Partners[i].Changelog[j].Called = name
			}
		}
	}
	return c
}

func collectSecrets(v reflect.Value, found *[]setting.Secret) {
	if v.Type() == secretType {
		if s, ok := reflect.TypeAssert[setting.Secret](v); ok && !s.IsZero() {
			*found = append(*found, s)
		}
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			collectSecrets(v.Elem(), found)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				collectSecrets(v.Field(i), found)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			collectSecrets(v.Index(i), found)
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			collectSecrets(entries.Value(), found)
		}
	case reflect.String:
		if !strings.Contains(v.String(), "@") {
			return // most strings, and there is no password in them
		}
		if u, err := url.Parse(v.String()); err == nil && u.User != nil {
			if password, set := u.User.Password(); set {
				*found = append(*found, setting.NewSecret(password))
			}
		}
	}
}

// longestPlainPath is how long the path of an address can be and still not be taken for a secret, as those of webhooks are.
const longestPlainPath = 15

// secretPart is what has to be hidden of a value that ${…} put in: all of it, but of a whole address only a query or a
// long path, so that an error can still say who did not answer. A password in an address is found by Secrets.
func secretPart(inserted string) string {
	u, err := url.Parse(inserted)
	if err != nil || u.Host == "" {
		return inserted
	}
	path := strings.TrimPrefix(u.RequestURI(), "/")
	if u.RawQuery == "" && len(path) <= longestPlainPath {
		return ""
	}
	return path
}
