"""What other systems are told: signed webhooks of events, and messages in team chats.

listening   which events anybody wants to hear of
fanning     outbox rows become sendings, one for each event and endpoint
sending     what is due goes out, two at a time to each endpoint, and is tried again
payloads    what a webhook says; chat, what a message says; chat, what a message says
signing, retrying, answers, slack, teams    pure judgements and forms
"""
