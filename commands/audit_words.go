package commands

import "sparky/incidents"

// deedWord is how something that was done is said between who did it and what it was done to.
type deedWord struct {
	did string
	// ofPartner tells that the partner is what follows, since the target's own name says nothing to people.
	ofPartner bool
}

// deedWords are the words for all that is done.
func deedWords() map[incidents.Did]deedWord {
	return map[incidents.Did]deedWord{
		incidents.DidOpen:        {did: "opened"},
		incidents.DidReopen:      {did: "opened again"},
		incidents.DidJudge:       {did: "judged"},
		incidents.DidAmend:       {did: "changed the verdict of"},
		incidents.DidOverrule:    {did: "overruled the verdict of"},
		incidents.DidAcknowledge: {did: "acknowledged"},
		incidents.DidResolve:     {did: "resolved"},
		incidents.DidEnd:         {did: "closed"},
		incidents.DidFold:        {did: "merged into another incident"},
		incidents.DidUnwatch:     {did: "stopped watching"},
		incidents.DidTicket:      {did: "made the ticket"},
		incidents.DidPage:        {did: "called on-call for"},
		incidents.DidRemindCall:  {did: "reminded on-call of"},
		incidents.DidStopPage:    {did: "ended the call for"},
		incidents.DidPropose:     {did: "proposed to tell customers of"},
		incidents.DidPublish:     {did: "told customers of"},
		incidents.DidDecline:     {did: "kept from customers"},
		incidents.DidUpdate:      {did: "told customers more of"},
		incidents.DidTakeBack:    {did: "told customers of the end of"},
		incidents.DidChange:      {did: "changed"},
		incidents.DidMute:        {did: "muted"},
		incidents.DidUnmute:      {did: "ended the mute of"},
		incidents.DidAskRun:      {did: "asked for a compatibility run of", ofPartner: true},
		incidents.DidDispatch:    {did: "started the compatibility run of", ofPartner: true},
		incidents.DidEndRun:      {did: "saw the end of the compatibility run of", ofPartner: true},
		incidents.DidTell:        {did: "told the channel of", ofPartner: true},
		incidents.DidRemind:      {did: "reminded the channel of", ofPartner: true},
		incidents.DidHandle:      {did: "marked as handled an announcement of", ofPartner: true},
		incidents.DidUnhandle:    {did: "marked as not handled an announcement of", ofPartner: true},
		incidents.DidProbe:       {did: "asked for a probe of"},
		incidents.DidCertify:     {did: "asked for the certificate of", ofPartner: true},
		incidents.DidRefuse:      {did: "was refused"},
	}
}
