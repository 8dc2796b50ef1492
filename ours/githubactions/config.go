// Package githubactions starts the compatibility workflows and follows their runs. Only this package knows GitHub.
package githubactions

import "sparky/internal/setting"

// Config is the github block of sparky.yaml. Either Token or App is set.
type Config struct {
	APIURL string         `yaml:"api_url"` // the address of GitHub's API
	Token  setting.Secret `yaml:"token"`   // a token with actions: write; either it or app
	App    *App           `yaml:"app"`     // the installation of a GitHub App, in the place of a token
}

// App is a GitHub App's installation.
type App struct {
	ID             int64          `yaml:"id"`              // the App ID that the app's settings show
	InstallationID int64          `yaml:"installation_id"` // the number at the end of the installation's address
	PrivateKey     setting.Secret `yaml:"private_key"`     // the key that GitHub let you download (PEM), as ${file:sparky.pem}
}

// SetDefaults is called before the file is read.
func (c *Config) SetDefaults() { c.APIURL = "https://api.github.com/" }

// Check tells what is wrong with the block.
func (c Config) Check(report setting.Report) {
	if problem := setting.CheckURL(c.APIURL); problem != "" {
		report.At("api_url").Bad(problem)
	}
	switch {
	case c.App == nil && c.Token.IsZero():
		report.At("token").Missing("give a token, from an environment variable: ${GITHUB_TOKEN}, or an app")
	case c.App != nil && !c.Token.IsZero():
		report.At("app").Say("github has a token and an app; keep one of them")
	}
	if c.App == nil {
		return
	}
	app := report.At("app")
	if c.App.ID <= 0 {
		app.At("id").Missing("give the App ID that the app's settings page shows")
	}
	if c.App.InstallationID <= 0 {
		app.At("installation_id").Missing("give the number at the end of the installation's address")
	}
	if c.App.PrivateKey.IsZero() {
		app.At("private_key").Missing("give the key that GitHub let you download, from its file: ${file:sparky.pem}")
	} else if _, err := privateKey(c.App.PrivateKey); err != nil {
		app.At("private_key").Bad(err.Error())
	}
}
