package changes

func betaCues() []cue {
	const says = signal(Beta)
	const stages = "public|private|open|closed|limited|technical|tech|developer|dev|early|gated|opt-in|customer|invite-only"
	return concat(
		cues(says, 4, 0, `
			`+stages+` preview|beta|previews|alpha
			is|are|now .1 EA|beta|alpha
			now|available|launched|launching|released|releasing|shipping|rolling|offered|enter*|here|ready .6 beta|preview|alpha|EA
			available .6 early access
			in .3 beta|alpha|EA
			in preview
			in early access
			as .2 `+stages+` beta|preview|alpha|feature
			as .1 a|an .2 beta|preview|alpha|experimental
			introduc*|announc*|launch* .9 beta|preview|alpha|EA
			introduc*|announc*|launch* .9 early access
			join|enable|try|opt|enroll .5 beta|preview|alpha|EA
			sign up .3 beta|preview|early
			beta|preview|alpha|EA|early access|program|programme|release|version|feature|features
			graduat*|promot*|mov*|advanc*|elevat* .3 to beta
			currently .3 beta|preview|alpha|experimental|unstable
			updated in preview
			release candidate
			limited availability
			controlled availability|release
			available .3 experimental|experiment
			to|for|with|by .2 beta|preview|alpha customers|users|testers|participants
			in|a limited release
			join the|our .1 waitlist
			request access to .5 beta|preview|alpha
			testing .6 with .2 few|selected|limited|select customers|users|partners
			pilot of|with|is|program|programme|available|customers
			unstable endpoint|endpoints|operation|operations|api|apis|version|feature|features
			as|in|to unstable
			is|are experimental
			early adopter|adopters
			experimental support|feature|features|api|apis|flag|endpoint|endpoints|version
			pre-release|prerelease version|versions|build|builds|of|available
			early access
			early availability
			ahead of|before .2 general availability`),
		cues(says, 4, inBrackets, `
			beta|preview|alpha|EA $`),
		cues(says, 4, inTitle, `
			beta|alpha|EA|unstable|experimental|pilot
			^ preview
			preview $
			preview of|release|version|available|program|only|now|for|is|feature|features|api|support
			in preview
			new .1 preview`),
		cues(says, 2, 0, `
			beta|alpha|unstable|experimental
			experiment*`),
	)
}

func newCues() []cue {
	const says = signal(New)
	return concat(
		cues(says, 4, 0, `
			^ added|adds|adding|introduced|introduces|introducing|launched|launching|announcing|implemented|implement|enabled
			^ new|add|introduce|support|allow|enable|expose|supports
			^ we've|we .2 added|introduced|launched|built|created|shipped|released|expanded
			is|are|be|been now .4 available|supported|live|possible|able|here|included|configurable|visible|issued
			now available|supports|support|allows|allow|includes|include|supporting|offers|offer|exposes|expose|lets|let|provides
			now .1 show|shows|display|displays|return|returns|contains|contain
			can|may|able now
			now .1 be|can|able
			you can
			can|may now
			introduc* .6 new|support|the|a|an
			new .5 is|are|provides|allows|lets|enables|includes|adds
			we're|we|are .2 excited|happy|pleased|thrilled|proud|delighted
			has|have|was|were|been .2 added|introduced|launched|expanded
			added .2 support|the|a|an|new
			adds|adding support
			support for|of
			is|are rolling out
			generally available
			general availability`),
		cues(says, 4, inTitle, `
			new|add|adds|added|introduc*|launch*|available|support|supports|GA|enhance*|improve*|expand*`),
		cues(says, 2, 0, `
			improve*|enhance*|expand*|extend*|upgrade*|faster|better|enables|allows|lets|now|new|update|updated|can|helps|increase*`),
	)
}

func fixCues() []cue {
	const says = signal(Fix)
	return concat(
		cues(says, 4, 0, `
			^ fix|fixed|fixes|fixing|resolved|resolves|corrected|corrects|correct|bugfix|bugfixes|hotfix|patched
			^ bug|bugs fix|fixes|fixed
			we|we've|has|have|been|is|are|was|were|this|and .2 fixed|resolved|corrected|fixes
			fixed|fixes|fix|resolved|resolves .4 bug|issue|problem|regression|error|crash|bugs|issues|leak|race|panic
			bug|bugs fix|fixes|fixed`),
		cues(says, 4, inTitle, `
			fix|fixed|fixes|hotfix|bugfix|bugs`),
		cues(says, 2, 0, `
			incorrectly|silently|unexpectedly|erroneously|mistakenly|intermittently|sometimes
			bug|bugs|regression|crash*|panic*|glitch
			didn't|failed|wasn't|couldn't`),
	)
}

func securityCues() []cue {
	return concat(
		cues(signal(Security), 4, 0, `
			CVE*
			cve-*
			GHSA*
			vulnerability|vulnerabilities in|that|where|which|allowing|affecting|fixed|was|were|has|have|could
			fix*|patch*|address*|resolv*|mitigat*|remediat* .6 vulnerabilit*
			security fix|fixes|patch|patches|advisory|advisories|bulletin|vulnerability|vulnerabilities|release|issue|issues|flaw
			xss|csrf|ssrf|rce
			cross-site|sql scripting|request|injection
			privilege escalation
			path|directory traversal
			denial of service
			remote|arbitrary code execution
			attacker|attackers .3 can|could|to|may|might
			could|can|might be exploited`),
		cues(guards, 2, 0, `
			security|secure|insecure|securing|hardening|hardened|mfa|multi-factor|two-factor|2fa|password|passwords
			tls|ssl|signature|signatures|signing|signed|unsigned|redirect|phishing|https|pkce|encrypted|encryption
			basic auth|authentication`),
		cues(safety, 4, 0, `
			security enhancement|assessment|review|reasons|measure|measures|requirement|requirements
			improv*|enhanc*|strengthen*|increas* .4 security`),
		cues(tightened, 4, 0, `
			will|now .1 only|exclusively .1 accept|accepts|allow|allows|support|supports
			will .2 reject|block|refuse|deny
			will .2 be rejected|blocked|denied|refused
			enforc*
			is|are|now|be|become|becomes .1 required|mandatory
			now requires|must|mandatory
			reject|refuse|stricter|insecure
			less secure
			will .1 require`),
	)
}

func stageCues() []cue {
	return concat(
		cues(generally, 4, 0, `
			generally available
			general availability
			GA
			now stable
			graduat*|promot*|mov*|advanc* .4 to|into ga|stable|general|main|production|generally
			stabiliz*|stabilis*
			launched|released to production
			out of|left .2 beta|preview|alpha
			exits|exited|leaves|leaving|leave|left .2 beta|preview|alpha|early
			is|are|became|becomes stable
			mark* .4 stable`),
		cues(looks, 4, 0, `
			preview org|orgs|cell|cells|pane|panel|window|url|urls|image|images|mode|tab|environment|environments|deployment|deployments|card|cards|button|component|components|link|links
			link|file|image|message|document|live|print|email|page|card|attachment|url|video previews|preview`),
		cues(betaOver, 4, 0, `
			out of|from .3 beta|preview|alpha|unstable|experimental
			exit*|leav*|left .3 beta|preview|alpha|early|experimental
			promot* .6 from .3 beta|preview|alpha
			beta|preview|alpha|early .9 end|ends|ended|ending|over|closed|closes|closing|concluded|concludes|expired|expires
			beta|preview|alpha|EA .5 retired|retires|retiring|deprecated|removed|discontinued|sunset|cancelled|canceled|withdrawn
			end|ends|ending|ended|closing|closes|conclud*|retir*|remov*|discontinu* .4 beta|preview|alpha
			no longer .4 beta|preview|alpha|unstable|experimental|early
			previously|formerly .5 beta|preview|alpha|early|unstable|experimental
			was|were|been in|a|an .1 beta|preview|alpha|early|unstable|experimental
			was|were|been in .1 public|private|open|closed beta|preview|alpha
			was|were|had available .3 beta|preview|alpha
			during|since|after .4 beta|preview|alpha|early
			following the|our|its|a .3 beta|preview|alpha|early
			coming|planned .3 to|for .2 beta|preview|alpha|early|public|private
			soon .5 beta|preview|alpha
			already .3 beta|preview|alpha
			remain|remains|stay|stays in .2 beta|preview|alpha
			not .2 beta|preview|alpha
			removed|remove|removes|removing|drop|dropped .4 beta|preview|unstable|experimental .1 flag|label|tag|badge|header|marker|prefix
			mark|marked .4 as .1 stable
			like|including|roadmap .4 preview|previews|betas`),
	)
}

func weighingCues() []cue {
	return concat(
		cues(chore, 4, 0, `
			documentation|docs|readme|doc
			tutorial|tutorials|guides|typo|typos
			storybook|bookmarks|changelog|ci|github-actions
			gh actions
			dev dependency|dependencies
			unit|integration test|tests
			test|tests suite|coverage
			devdependencies`),
		cues(harmless, 4, 0, `
			no|without|any|zero|not .2 breaking
			non-breaking
			backward|backwards compatible|compatibility
			backward-compatible|backwards-compatible
			no|without .3 impact|disruption|downtime
			no|without .1 effect on|for
			no .2 action .3 required|needed|necessary
			doesn't|don't|won't|shouldn't|not .2 impact|affect|break
			won't|not|doesn't .1 impact|affect|break|change
			nothing .1 changes|change`),
		cues(remains, 4, 0, `
			continue|continues .2 supported|work|be|available
			remain|remains|stay|stays .1 supported|available|usable|functional
			still .1 supported|available|works|work|usable|function
			can still be`),
		cues(act, 4, 0, `
			must
			migrate|upgrade|switch|transition|move .6 to|before|by|from
			update|replace|change|review|check|audit|rotate|regenerate .1 your|any|all|the|existing
			use .9 instead
			instead .1 use
			take|action required|action|needed|recommended
			we|strongly recommend|urge|encourage|advise
			recommend|recommends|recommended .3 you|that|to|using|migrating|upgrading|updating
			ensure|make sure
			please .2 use|migrate|update|upgrade|contact|switch|move|review|ensure|plan
			should .2 use|migrate|update|upgrade|switch|move|plan|now|replace|be
			need|have|required|needs to
			you'll need
			before|by .9 to avoid|continue
			to avoid
			refer to
			^ use|migrate|upgrade|update|switch|follow|contact|plan|review`),
	)
}
