package main

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// guises are the forms in which a program may write a secret, by their names. Of a short one, which other words may hold, it
// is the plain one alone.
func guises(secret string) map[string]string {
	all := map[string]string{"plain": secret}
	if len(secret) < 8 {
		return all
	}
	all["hex"], all["HEX"] = hex.EncodeToString([]byte(secret)), strings.ToUpper(hex.EncodeToString([]byte(secret)))
	all["query"], all["path"] = url.QueryEscape(secret), url.PathEscape(secret)
	if quoted, err := json.Marshal(secret); err == nil {
		all["json"] = strings.Trim(string(quoted), `"`)
	}
	// Base64 reads three bytes at a time: what stands before a secret moves it, as the user's name in Basic does. What the
	// neighbours decide is left out at both ends.
	for before := range 3 {
		padded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", before) + secret))
		first := []int{0, 2, 3}[before]
		last := len(strings.TrimRight(padded, "="))
		if (before+len(secret))%3 != 0 {
			last--
		}
		inner := padded[first:last]
		name := "base64 " + string(rune('0'+before))
		all[name], all[name+" for addresses"] = inner, strings.NewReplacer("+", "-", "/", "_").Replace(inner)
	}
	return all
}

// databaseKeepsSecrets holds that what is remembered has none of the secrets, nor has what is on its way into the file.
func (s *story) databaseKeepsSecrets() {
	s.Helper()
	files, err := filepath.Glob(filepath.Join(s.folder, "*.db*"))
	if err != nil {
		s.Error(err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			continue // a journal that has gone meanwhile
		}
		s.keepsSecrets(filepath.Base(file), string(content))
	}
}

// TestGuisesAreFound holds that the search finds a secret in every form, wherever it stands; else the stories prove nothing.
func TestGuisesAreFound(t *testing.T) {
	const secret = `pa/s+s wörd"&<9>`
	for _, user := range []string{"", "u", "us", "use", "someone:"} {
		quoted, err := json.Marshal(map[string]string{"a": user + secret})
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{
			"as it is": user + secret + " is it", "basic": "Basic " + base64.StdEncoding.EncodeToString([]byte(user+secret+"!")), "json": string(quoted),
			"raw": base64.RawURLEncoding.EncodeToString([]byte(user + secret)), "hex": hex.EncodeToString([]byte(user + secret)),
			"query": url.Values{"token": {user + secret}}.Encode(), "path": "/" + url.PathEscape(user+secret),
		} {
			found := false
			for _, guise := range guises(secret) {
				found = found || strings.Contains(text, guise)
			}
			if !found {
				t.Errorf("%s behind %q: nobody finds it in %s", name, user, text)
			}
		}
	}
	for _, guise := range guises(secret) {
		if strings.Contains("A harmless text: path, word, 9, Basic dXNlcjpvdGhlcg==", guise) {
			t.Errorf("%q is found where it is not", guise)
		}
	}
}
