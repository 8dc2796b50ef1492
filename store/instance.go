package store

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
)

// Place is where the database is, for people: the whole path of the file, or the database and its server. It never names a
// user or a password, and is empty where the URL cannot be read.
func (c Config) Place() string {
	target, err := parseURL(cmp.Or(c.URL, DefaultURL))
	if err != nil {
		return ""
	}
	if target.postgres != nil {
		return fmt.Sprintf("PostgreSQL database %s at %s:%d", target.postgres.Database, target.postgres.Host, target.postgres.Port)
	}
	return wholePath(target.path)
}

// ClientFlags are the arguments by which PostgreSQL's own programs, such as pg_dump, reach the server of the URL. There is no
// password among them. They are nil for SQLite.
func (c Config) ClientFlags() []string {
	target, err := parseURL(c.URL)
	if err != nil || target.postgres == nil {
		return nil
	}
	p := target.postgres
	return []string{"--host=" + p.Host, fmt.Sprintf("--port=%d", p.Port), "--username=" + p.User, "--dbname=" + p.Database}
}

// Instance is a few letters that are the same for all who remember in one place, and others elsewhere. They tell nothing else of
// it. It is empty where the URL cannot be read.
func (c Config) Instance() string {
	place := c.Place()
	if place == "" {
		return ""
	}
	sum := sha256.Sum256([]byte(place))
	return hex.EncodeToString(sum[:8])
}

// wholePath is the path from the root, behind links as far as there is anything yet.
func wholePath(path string) string {
	whole, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if real, err := filepath.EvalSymlinks(whole); err == nil {
		return real
	}
	if folder, err := filepath.EvalSymlinks(filepath.Dir(whole)); err == nil {
		return filepath.Join(folder, filepath.Base(whole))
	}
	return whole
}
