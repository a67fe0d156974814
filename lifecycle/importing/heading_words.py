"""Words of headings in the languages of those who export them, and what they mean. Only words.

Folded: small letters without accents, spaces and signs. English first, then German, French,
Spanish, Italian, Portuguese, Dutch and a few of the North and East.
"""

from __future__ import annotations

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "person.email": "email emailaddress emailaddress1 workemail businessemail primaryemail "
    "companyemail contactemail leademail emails emailfrom mail mailaddress emailadresse "
    "adresseemail adressemail mailadresse emailgeschaftlich geschaftlicheemail courriel "
    "adressedecourriel adressedemessagerie emailprofessionnel correo correoelectronico "
    "direcciondecorreo direcciondecorreoelectronico emailtrabajo indirizzoemail postaelettronica "
    "enderecodeemail emailadres emailzakelijk eposta epostadress sahkoposti adresemail email1 "
    "emailbusiness",
    "person.first_name": "firstname givenname forename vorname rufname prenom nombre "
    "nombredepila nome primeironome voornaam roepnaam fornamn imie etunimi contactfirstname "
    "leadfirstname",
    "person.last_name": "lastname surname familyname nachname familienname zuname nom "
    "nomdefamille apellido apellidos primerapellido cognome sobrenome apelido ultimonome "
    "achternaam familienaam efternamn nazwisko sukunimi contactlastname leadlastname",
    "person.full_name": "name fullname contactname contact leadname contactperson personname "
    "attendee attendeename ansprechpartner ansprechpartnerin kontaktperson vollstandigername "
    "nomcomplet nometprenom contactprincipal nombrecompleto nombreyapellidos personadecontacto "
    "nomecompleto nominativo nomeecognome pessoadecontato naam volledigenaam contactpersoon "
    "kontaktname",
    "person.phone": "phone phonenumber mobile mobilephone mobilephonenumber mobilenumber "
    "telephone telephonenumber tel cell cellphone workphone businessphone officephone directphone "
    "contactnumber telefon telefonnummer telefonnr rufnummer mobil mobiltelefon mobilnummer handy "
    "handynummer telefongeschaftlich telefonprivat durchwahl telefono telefonomovil movil "
    "telefonofijo telefonodetrabajo celular numerodetelefono cellulare telefonocellulare telefone "
    "telemovel telefonefixo telephoneportable telephonemobile telephonefixe portable "
    "numerodetelephone telefoon telefoonnummer mobielnummer mobieletelefoon mobiel gsm puhelin "
    "gsmnummer",
    "person.title": "title jobtitle position role designation jobrole jobposition occupation "
    "funktion berufsbezeichnung stellung stellenbezeichnung jobbezeichnung fonction poste "
    "intitulededuposte intituleduposte cargo puesto puestodetrabajo funcion ruolo qualifica "
    "mansione funcao functie functietitel functieomschrijving befattning stanowisko",
    "person.country": "country countryregion countrycode mailingcountry countryname land "
    "landesname lnd pays paysregion pais paisregion paese nazione landregion kraj maa "
    "countryterritory",
    "person.language": "language preferredlanguage sprache langue idioma lingua taal",
    "company.region": "state stateregion stateprovince province region bundesland billingstate "
    "companystate provincia departement",
    "company.postal_code": "zip zipcode postalcode postcode plz postleitzahl codepostal "
    "codigopostal cap billingpostalcode companyzip companypostalcode",
    "company.name": "company companyname companyaccount organization organisation "
    "organizationname organisationname account accountname accounts employer firm business "
    "associatedcompany parentcustomer firma firmenname firmierung unternehmen unternehmensname "
    "gesellschaft societe nomdelasociete nomdelentreprise raisonsociale entreprise organisme "
    "empresa nombredelaempresa nombreempresa razonsocial compania azienda nomeazienda societa "
    "ragionesociale nomedaempresa bedrijf bedrijfsnaam organisatie organisatienaam foretag "
    "nazwafirmy yritys",
    "company.domain": "website domain companydomain companydomainname companywebsite websiteurl "
    "websiteurl1 url web companyurl homepage webseite internetseite internetadresse "
    "firmenwebsite siteweb siteinternet siteinternetdelasociete sitiowe sitioweb paginaweb "
    "sitoweb sito site webadres hemsida strona",
    "company.industry": "industry industrysector branche wirtschaftszweig sektor industrie "
    "secteur secteurdactivite sector sectordeactividad industria settore setor bransch branza",
    "company.employees": "employees numberofemployees noofemployees employeecount companysize "
    "headcount size mitarbeiter mitarbeiterzahl mitarbeiteranzahl anzahlmitarbeiter "
    "anzahldermitarbeiter unternehmensgrosse effectif effectifs nombredesalaries "
    "nombredemployes empleados numerodeempleados dipendenti numerodipendenti numerodidipendenti "
    "funcionarios numerodefuncionarios medewerkers aantalmedewerkers aantalwerknemers "
    "bedrijfsgrootte",
    "company.annual_revenue": "annualrevenue revenue turnover yearlyrevenue umsatz jahresumsatz "
    "umsatzineur umsatzeur ca chiffredaffaires chiffredaffairesannuel ingresos ingresosanuales "
    "facturacion facturacionanual fatturato fatturatoannuo faturamento receitaanual omzet "
    "jaaromzet",
    "company.currency": "currency currencyisocode waehrung wahrung devise moneda valuta moeda",
    "lead.potential_value": "potentialvalue leadpotential estimatedvalue estvalue budget "
    "budgetamount estimatedbudget expectedvalue dealsize estimateddealsize estimateddealvalue "
    "auftragspotenzial auftragspotential potenzial potenzialwert umsatzpotenzial umsatzpotential "
    "geschatzterwert geschatztesbudget budgetineur valeurpotentielle valeurestimee budgetestime "
    "valorpotencial valorestimado presupuesto valorepotenziale valorestimato orcamento "
    "potentielewaarde geschattewaarde",
    "lead.currency": "currencyofpotentialvalue potentialvaluecurrency budgetcurrency",
    "external_id": "recordid leadid contactid id externalid crmid personid customerid prospectid "
    "leadnumber registrationid uniqueid kundennummer kundennr kontaktid kontaktnummer kontaktnr "
    "datensatzid leadnummer identifiant idcontact idclient numeroclient idcontacto iddecontacto "
    "idcliente numerodecliente numerocliente codicecliente klantnummer relatienummer "
    "contactnummer",
    "external_url": "recordurl leadurl contacturl recordlink leadlink contactlink crmurl crmlink",
    "occurred_at": "createddate createdate createdat created createdon createdtime datecreated "
    "creationdate createdatetime dateadded addedon addtime submittedat submittedon "
    "submissiondate timestamp registrationtime registeredat registrationdate dateregistered "
    "firstcontactdate firstseen signupdate signedupat checkedinat leadcreatedat leadcreated "
    "leadcreatedtime personcreated entrydate date erstelltam erstelldatum erstellt "
    "erstellungsdatum angelegtam angelegt anlagedatum eingangsdatum erfasstam datum datedecreation "
    "creele dateajout datedajout fechadecreacion fechacreacion fechadealta fecha "
    "datadicreazione datacreazione datacriacao datadecriacao creatoil data aanmaakdatum "
    "aangemaaktop datumaangemaakt skapad eingang eingegangenam eingangam erfassungsdatum erfasst "
    "anfragedatum datumderanfrage anmeldedatum registriertam hinzugefugtam leaddatum datumlead "
    "neuangelegtam dateentree datedentree datedereception recule datedelademande demandele "
    "ajoutele datedinscription fechadeentrada fechaentrada fechaderegistro fecharegistro creadoel "
    "fechadesolicitud datadiinserimento datainserimento inseritoil datadiregistrazione "
    "datadentrada datadeentrada datadecadastro datacadastro datadocadastro criadoem "
    "datumaanmaak aanmelddatum toegevoegdop datumontvangst ontvangenop datautworzenia utworzono "
    "datadodania dodano datarejestracji datumvytvoreni vytvoreno datumvytvorenia skapaddatum "
    "registreringsdatum skapades oprettet oprettetden oprettelsesdato opprettet opprettetdato "
    "luotu luontipaiva letrehozva letrehozasdatuma datacrearii creatla olusturmatarihi",
    "channel": "leadsource source originalsource originaltrafficsource leadorigin origin "
    "personsource sourcename trafficsource quelle leadquelle herkunft ursprung "
    "sourceduprospect sourcedulead origine provenance fuente origen origendellead "
    "fuentedelprospecto fonte origem origemdolead fonteleads bron leadbron herkomst",
    "source.medium": "utmmedium medium",
    "source.campaign": "utmcampaign campaign campaignname primarycampaign kampagne "
    "kampagnenname campagne campana nombredelacampana campagna campanha event eventname webinar "
    "webinarname veranstaltung evenement evento evenemang",
    "source.content": "utmcontent",
    "source.term": "utmterm keyword searchterm suchbegriff motcle",
    "source.source": "utmsource",
    "source.landing": "landingpage landingpageurl landingurl firstpageseen firstpage entrypage "
    "landingpageurl1 conversionpage",
    "source.click_id": "gclid fbclid msclkid wbraid gbraid lifatid ttclid clickid googleclickid "
    "googleadclickid facebookclickid adclickid",
    "source.referrer": "referrer referer referrerurl originalreferrer firstreferringsite "
    "referringsite",
    "source.partner": "partner partneraccount partnercompany reseller resellername "
    "vertriebspartner partenaire socio revendedor",
    "note": "note notes comment comments description message remarks bemerkung bemerkungen notiz "
    "notizen beschreibung nachricht kommentar kommentare anmerkung anmerkungen commentaire "
    "commentaires remarque remarques descripcion comentario comentarios observaciones notas nota "
    "mensaje osservazioni commenti mensagem observacoes opmerking opmerkingen notitie notities "
    "omschrijving",
    "opt_out": "emailoptout hasoptedoutofemail optedoutofemail unsubscribed donotemail "
    "donotbulkemail optout unsubscribedfromallemail abgemeldet desabonne desinscrit "
    "dadodebaja afgemeld",
    "consent": "consent optin emailoptin marketingconsent marketingoptin newsletter "
    "newslettersubscription gdprconsent agreedtocontact einwilligung newslettereinwilligung "
    "werbeeinwilligung consentement consentimiento consenso consentimento toestemming "
    "nieuwsbrief",
    "history.stage": "lifecyclestage leadstage leadstatus personstatus pipelinestage dealstage "
    "salesstage statusreason stageidname leadphase phase verkaufsphase vertriebsphase",
    "history.mql_at": "mqldate mqlat becamemql becameamarketingqualifiedleaddate "
    "dateenteredmarketingqualifiedlead qualifieddate qualifiedat qualifiziertam",
    "history.sal_at": "saldate salat accepteddate acceptedat",
    "history.sql_at": "sqldate sqlat becamesql becameasalesqualifiedleaddate",
    "history.opportunity_at": "opportunitydate opportunityat opportunitycreateddate "
    "converteddate convertedat dateconverted becameanopportunitydate dealcreatedate",
    "history.closed_at": "closedate closeddate closedat closedon dateclosed wondate wontime "
    "lostdate losttime abschlussdatum abgeschlossenam datedecloture fechadecierre "
    "datadichiusura sluitingsdatum becameacustomerdate",
    "history.owner": "leadowner contactowner recordowner owneremail dealowner opportunityowner "
    "salesowner leadownername owneridname useridname salesperson salesrep accountexecutive "
    "zustandig zustandiger inhaber besitzer leadinhaber verantwortlich verantwortlicher "
    "proprietaire commercial responsable propietario comercial proprietario responsavel "
    "eigenaar verantwoordelijke",
    "history.amount": "dealamount opportunityamount dealvalue leadvalue expectedrevenue "
    "amountindealcurrency auftragswert montantdeltransaction montant importe valor",
    "history.currency": "dealcurrency opportunitycurrency currencyofvalue",
    "history.deal_id": "dealid opportunityid opportunitynumber dealnumber convertedopportunityid "
    "convertedopportunity opportunityid18 potentialid recordiddeal dealrecordid "
    "verkaufschancenid verkaufschancennummer idopportunite numerodopportunite idoportunidad "
    "idoportunidade idopportunita",
    "history.deal_url": "dealurl deallink opportunityurl opportunitylink dealrecordurl",
    "history.reason": "lossreason lostreason closedlostreason disqualificationreason "
    "disqualifiedreason unqualifiedreason verlustgrund grund motifdeperte motivodeperdida "
    "motivodaperda motivoperdita redenverlies",
}

STAGES: Mapping[str, str] = {
    "INQUIRY": "new open inquiry enquiry lead subscriber raw contacted notcontacted "
    "attemptedtocontact neu offen kontaktiert nouveau nouvelle ouvert contacte nuevo nueva abierto "
    "contactado nuovo aperto contattato novo aberto nieuw openstaand gecontacteerd",
    "MQL": "mql marketingqualified marketingqualifiedlead qualified prequalified qualifiziert "
    "qualifie cualificado calificado qualificato qualificado gekwalificeerd",
    "SAL": "sal accepted salesaccepted salesacceptedlead akzeptiert angenommen",
    "SQL": "sql salesqualified salesqualifiedlead salesready discovery demo demoscheduled "
    "appointmentscheduled needsanalysis bedarfsanalyse",
    "OPPORTUNITY": "opportunity dealopen proposal proposalsent proposition quote quotesent "
    "negotiation contractsent contract converted angebot angebotversendet verhandlung "
    "opportunitat offre negociation propuesta negociacion proposta trattativa offerte "
    "onderhandeling",
    "WON": "won closedwon closewon dealwon customer gewonnen abgeschlossengewonnen kunde gagne "
    "gagnee client ganado ganada cliente vinto vinta ganho gewonnendeal klant",
    "LOST": "lost closedlost closelost deallost verloren abgeschlossenverloren perdu perdue "
    "perdido perdida perso persa",
    "NURTURE": "nurture nurturing recycled recycle parked wiedervorlage",
    "DISQUALIFIED": "disqualified unqualified notqualified junk junklead spam badfit "
    "closednotconverted disqualifiziert unqualifiziert nichtqualifiziert disqualifie "
    "nonqualifie descalificado nocualificado squalificato desqualificado gediskwalificeerd",
}
"""Stages as systems and people call them. What is not among them is asked for, never guessed."""
