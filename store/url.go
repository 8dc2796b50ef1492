package store

import (
	"errors"
	"net/url"
	"strings"

	"github.com/jackc/pgx/v5"

	"sparky/internal/setting"
)

// DefaultURL is where Sparky remembers what it is told nothing about: a file beside its configuration.
const DefaultURL = "sqlite:sparky.db"

// Config is the block store of sparky.yaml.
type Config struct {
	URL string `yaml:"url"`
}

// Validate tells what is wrong with the block, without opening anything.
func (c Config) Validate() error {
	if c.URL == "" {
		return nil
	}
	_, err := parseURL(c.URL)
	return err
}

// Shared tells that several Sparkys may use the database: it is PostgreSQL's.
func (c Config) Shared() bool {
	target, err := parseURL(c.URL)
	return err == nil && target.path == ""
}

// Secret is the password within the URL, which no log may show; zero where there is none.
func (c Config) Secret() setting.Secret {
	parsed, err := url.Parse(c.URL)
	if err != nil || parsed.User == nil {
		return setting.Secret{}
	}
	password, _ := parsed.User.Password()
	return setting.NewSecret(password)
}

// target is what a URL names: the path of a SQLite file, or a PostgreSQL database.
type target struct {
	path     string
	postgres *pgx.ConnConfig
}

var errURL = errors.New("store.url is sqlite:PATH, like sqlite:sparky.db, or postgres://user:password@host:5432/database")

// parseURL reads a store URL. Its errors never repeat a password.
func parseURL(text string) (target, error) {
	scheme, rest, _ := strings.Cut(text, ":")
	switch scheme {
	case "sqlite":
		path := strings.TrimPrefix(rest, "//")
		if path == "" || strings.ContainsAny(path, "?#\x00") {
			return target{}, errURL
		}
		if strings.HasPrefix(path, ":memory:") {
			return target{}, errors.New("store.url is sqlite::memory:, which forgets what was promised; name a file, like sqlite:sparky.db")
		}
		return target{path: path}, nil
	case "postgres", "postgresql":
		config, err := pgx.ParseConfig(text)
		if err != nil {
			// The parser's own error may quote parts of the URL.
			return target{}, errors.New("store.url is not a PostgreSQL URL that can be read; write postgres://user:password@host:5432/database, with special characters of the password as %XX")
		}
		return target{postgres: config}, nil
	default:
		return target{}, errURL
	}
}
