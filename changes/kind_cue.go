package changes

import "strings"

// signal is what a phrase speaks for: one of the kinds, or something that only weighs in.
type signal string

// Signals that are no kinds.
const (
	generally signal = "generally available" // it left its beta, or never had one
	betaOver  signal = "beta over"           // a beta ended, or is a matter of the past
	looks     signal = "looks"               // a preview that shows what a thing looks like
	chore     signal = "chore"               // documentation and housekeeping
	harmless  signal = "harmless"            // says itself that nobody needs to act
	act       signal = "act"                 // asks the reader to do something
	tightened signal = "tightened"           // a rule became stricter
	guards    signal = "guards"              // speaks of what protects: signatures, passwords, encryption
	safety    signal = "safety"              // names security as the reason
	remains   signal = "remains"             // goes on working for those who use it
)

// scope is where a cue counts; the zero scope is everywhere.
type scope uint16

const (
	inTitle      scope = 1 << iota // only in a title
	inItem                         // only in a title or an item of a list: elsewhere it is advice
	withThing                      // only with a thing in the sentence
	withDate                       // only where the sentence says from when
	betweenNames                   // only between two names of the partner's code
	inBrackets                     // only where a bracket opens before it
	afterName                      // only right behind a name of the partner's code, or one word after it
	ontoName                       // only where a name of the partner's code follows at once
	isEnd                          // what it tells is the end itself, not the word of it: its day is the one that counts
)

// cue is a phrase and what it speaks for, with the points that it adds. Points of one sentence add up; enough of them
// decide alone.
type cue struct {
	says   signal
	points int
	scope  scope
	phrase phrase
}

// enough is how many points decide a kind.
const enough = 4

func cues(says signal, points int, where scope, phrases string) []cue {
	var out []cue
	for _, l := range strings.Split(phrases, "\n") {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, cue{says: says, points: points, scope: where, phrase: parsePhrase(l)})
		}
	}
	return out
}

// concat joins the tables of cues.
func concat(tables ...[]cue) []cue {
	var all []cue
	for _, t := range tables {
		all = append(all, t...)
	}
	return all
}

// allCues is the whole knowledge of how vendors say things, ready to be looked up. It is never changed.
var allCues = newIndex(concat(deprecationCues(), retirementCues(), removalCues(), breakingCues(), requirementCues(),
	changeCues(), lessCues(), changeInCompanyCues(), fadingCues(), closingCues(),
	plainCues(), plainEndCues(),
	betaCues(), newCues(), fixCues(), securityCues(), stageCues(), weighingCues()))

func deprecationCues() []cue {
	const says = signal(Deprecation)
	return concat(
		cues(says, 4, 0, `
			^ deprecated|deprecates|deprecating
			is|are|be|been|being|becomes|become|now|officially|formally|as|hereby .1 deprecated
			has|have .1 deprecated
			deprecation of|notice|announcement|timeline|schedule|plan|policy|period
			deprecation date|deadline|process
			announc* .4 deprecation|retirement|sunset|removal
			will|shall|we're|we|we've|we'll|plan|plans|planning|intend|decided|going .2 deprecate|deprecating|deprecated
			future|eventual|planned|upcoming|pending|imminent deprecation|retirement|sunset|removal
			slated|scheduled|planned|marked|prepared|earmarked|targeted|set .2 deprecation|retirement|removal|shutdown
			deprecated|deprecation and|or|then .3 remov*|retire*|delet*
			in|under|entering|enters|into maintenance mode`),
		cues(says, 4, inTitle, `
			deprecation|deprecations|deprecating|deprecate|deprecates
			deprecated $`),
		cues(says, 4, withThing, `
			deprecated $
			deprecated in favor|favour|since
			^ deprecate
			deprecate the|support`),
		cues(says, 2, 0, `
			was|were|had deprecated
			deprecating|deprecation
			deprecate
			legacy
			supersede*
			replaces the|our|all|existing|previous|older|legacy
			replace the|our|existing|previous|older|legacy
			is|are|be|being|been replaced|superseded by|with
			transition* away from
			will be replaced`),
	)
}

func retirementCues() []cue {
	const says = signal(Deprecation)
	return concat(
		cues(says, 4, isEnd, `
			will|shall|to|be|is|are|being .2 retire|retired|retiring|retires|sunset|sunsetted|sunsetting
			we're|we|we'll|we've .2 retiring|retire|retired|sunsetting|sunset|discontinuing|discontinue|decommissioning
			^ retiring|retirement|retirements|retire|sunsetting|sunset|discontinuing|discontinuation|decommissioning
			retirement|sunset|discontinuation|decommissioning|shutdown|sunsetting of|date|notice|announcement|timeline|on|for
			sunset|retire|retires on|in|by|after
			end of life|support|sale|sales|service|availability|engineering|maintenance
			end-of-life|end-of-support|end-of-sale|end-of-service
			EOL|EOS|EoL
			will|be|been|being|is|are|shall .2 discontinued|decommissioned|withdrawn|phased
			will|shall .1 discontinue|decommission|withdraw|end
			discontinu* .3 support|the|service|availability
			phase|phasing|phased out
			wind|winding|closing|shutting|spinning down
			is|are going away
			goes|go away
			support .9 ends|ending|ended
			support .9 will .1 end|cease|expire|stop
			will .1 end|cease|drop|stop support*
			ending|dropping|ends|stopping support
			reach* .3 end
			reach* .3 EOL|end-of-life
			last|final version|release|day|date .3 support*|before|for
			no longer .3 maintained|developed|enhanced
			no longer be .2 maintained|developed|enhanced`),
		cues(says, 4, isEnd|withThing, `
			end|ends with|on|in|after|from|by`),
		cues(says, 4, inTitle, `
			retire*|sunset*|discontinu*|decommission*
			shutting|shutdown|winding|closing down|of|for`),
		cues(says, 2, 0, `
			has|have been retired|sunset|discontinued
			was|were retired|sunset|discontinued
			sunset|discontinu*|retirement`),
	)
}

func removalCues() []cue {
	const says = signal(Removal)
	return concat(
		cues(says, 4, 0, `
			will|shall|would|to|should .2 be .1 removed|deleted|deactivated|decommissioned|purged|uninstalled
			will|shall|to .2 be disabled|unavailable|inaccessible|revoked|shutdown|shut|off|switched|turned
			has|have|had|having been .2 removed|dropped|decommissioned|deactivated|shut|switched|discontinued|retired
			has|have|had been .1 deleted
			is|are|being|was|were .1 removed|decommissioned|deactivated
			start* being removed|deactivated|deleted|disabled|retired
			^ removed|removes|removal|removals|dropped|drops|deleted
			removed .1 support
			removing|remove|drop|dropping|drops|dropped support
			removal of|in|date|from|on|is
			will|we'll .1 remove|delete|drop|deactivate|disable|withdraw
			we|we've|have|has .1 removed|deleted|dropped|deactivated|disabled
			we're|we|are removing|deleting|dropping|deactivating|disabling
			start|begin|starting|beginning removing|disabling|deactivating|blocking|disable|remove|deactivate
			no longer .3 supported|available|accessible|valid|usable|offered|provided|present|recognized|honored|deployed|active
			is|are|be not .1 supported|available|accepted|possible any|anymore|from|after|starting|since
			no longer .3 served|serves|works|work|function|functions|exists|exist|possible|supports|support|accepts|accept|includes|include
			no longer .3 operate|shipped|ships|bundled|published|exposed|exported|returned|sent|emitted|populated|allowed|permitted
			no longer .2 return|returns|send|sends|emit|emits|receive|allow|allows|permit|permits|provide|provides|offer|offers
			no longer be .2 able|part|updated|created|issued|processed|served|permitted|allowed
			no longer be .2 available|supported|accepted|returned|usable|valid|accessible|possible|included
			no longer have access
			no longer .2 able to|appear*|shown|visible
			can|could no longer
			won't|can't|cannot|not .1 be .1 able|available|supported|accepted|accessible|possible
			won't|not .1 be able to
			won't .1 work|function|operate|run|accept
			will .1 not .1 work|function|operate|run|accept
			plan|plans|planning|intend|going .2 disable|remove|block|end|shut|turn|delete|drop
			will|shall be .1 retired|sunset|discontinued
			cease* .2 function*|work*|operat*|support*|exist*|be
			stop|stops|stopped|stopping .1 working|functioning|accepting|returning|sending|supporting|responding|being|processing
			stop|stops|stopped|stopping .1 answering|delivering|running|syncing|updating|refreshing|rendering|loading|resolving
			work|works|working|workable|available|supported|accessible|usable|valid .2 until
			cannot|can't be .4 any|anymore|longer
			no longer .3 run|runs|bundle*|ship|serve|deliver*|sync*|appl*|respond*|start*|render*|load*
			stop|stops|stopped|stopping .1 issuing|receiving|serving|publishing|allowing|including|operating|emitting|shipping|support*
			is|are gone|unavailable
			goes|go|going away
			shut|shutting down|off
			turn|turned|turning|switch|switched|switching .5 off
			removal of access`),
		cues(says, 4, inItem, `
			^ remove|delete|drop
			removing|removal
			remove .6 support`),
		cues(says, 4, inTitle, `
			removed
			^ discontinued|retired
			retired|gone $`),
		cues(says, 3, 0, `
			hidden|unavailable for|from|to .1 new`),
	)
}
